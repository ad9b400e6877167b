/** The engine's sentences of machines and how they are reached, in Japanese. */
import type { Sentences } from '../../sentences';

export const machines: Sentences = {
  'The demo VM was not found in {}.': '{} にデモマシンが見つかりません。',
  'Make it with `cargo xtask demo-vm`, or set CAIRN_DEMO_VM to its folder.':
    '`cargo xtask demo-vm` で作成するか、CAIRN_DEMO_VM にそのフォルダを設定してください。',
  "The machine '{}' is not running.": 'マシン「{}」は動いていません。',
  'Start it as it was started before; Cairn then reaches it by itself.':
    '以前と同じ方法で起動してください。Cairn は自動で接続します。',
  'Start it first.': '先に起動してください。',
  "The machine '{}' is running.": 'マシン「{}」が動いています。',
  'Stop it first.': '先に停止してください。',
  'There is a NUL byte in the command.': 'コマンドに NUL バイトが含まれています。',
  "run a command in '{}'": '「{}」でコマンドを実行する',
  "make a machine's id": 'マシンの ID を作成する',
  'attach the machine at {}': '{} のマシンを接続する',
  "The machine '{}' was not attached: Cairn starts it.":
    'マシン「{}」は接続されたものではなく、Cairn が起動するものです。',
  'Stop and delete it instead.': '代わりに停止して削除してください。',
  "The machine '{}' has the volume '{}' at {}.":
    'マシン「{0}」がボリューム「{1}」を {2} で使用中です。',
  'Unmount it first.': '先にアンマウントしてください。',
  'What it has of volumes stays its until that QEMU ends.':
    'マシンが使っているボリュームは、その QEMU が終わるまでそのままです。',
  "reach the machine '{}'": 'マシン「{}」に接続する',
  "The connection to the machine '{}' has ended, though its QEMU, process {pid}, runs on.":
    'マシン「{}」との接続が切れました。QEMU（プロセス {pid}）は動いています。',
  'It is tried again every few seconds.': '数秒ごとに再接続を試みます。',
  "stop the machine '{}'": 'マシン「{}」を停止する',
  "The machine '{}' did not stop within {seconds} seconds; it may still do so.":
    'マシン「{}」は {seconds} 秒以内に停止しませんでした。これから停止するかもしれません。',
  'Look into its guest, or end its QEMU yourself.':
    'ゲストの中を確認するか、QEMU を自分で終了してください。',
  "Cairn does not {what} the machine '{}': somebody else does.":
    'マシン「{}」は Cairn では{what!}できません。ほかで管理されています。',
  "That is the machine '{}', which is known already.":
    'それはすでに登録されているマシン「{}」です。',
  'Use it by that name.': 'その名前で使ってください。',
  "type on the console of '{}'": '「{}」のコンソールに入力する',
  "read the machine's console": 'マシンのコンソールを読む',
  "use the console of '{name}'": '「{name}」のコンソールを使う',
  "There is a machine '{name}' already.": 'マシン「{name}」はすでにあります。',
  'The demo VM boots its own kernel and initramfs.':
    'デモマシンは専用のカーネルと initramfs で起動します。',
  'Leave one of them out.': 'どちらかを省いてください。',
  'There is nothing for the machine to boot.': 'マシンが起動するものがありません。',
  'Give it an image, a snapshot, or a kernel.':
    'イメージ、スナップショット、またはカーネルを指定してください。',
  'use the image': 'イメージを使う',
  '{} is a part of the store and no boot image.':
    '{} はストアの一部で、起動イメージではありません。',
  'Mount a volume in a machine that boots something else; boot a snapshot by its name.':
    'ほかのものから起動するマシンにボリュームをマウントしてください。スナップショットは名前で指定します。',
  'Two volumes are to be mounted at {path}.':
    '2 つのボリュームを {path} にマウントしようとしています。',
  'Give each a path of its own.': 'それぞれ別のパスにしてください。',
  "The volume '{name}' is to be mounted twice.": 'ボリューム「{name}」が 2 回指定されています。',
  'Name it once.': '1 回だけ指定してください。',
  'The path of the {what} must be absolute, not {}.':
    'パスは絶対パスにしてください（{what!}）: {}。',
  'Begin it with a slash.': '「/」で始めてください。',
  'Look at how its path is written.': 'パスの書き方を確認してください。',
  'There is no kernel for the initramfs or command line.':
    'initramfs やコマンドラインに対するカーネルがありません。',
  'Give the kernel as well.': 'カーネルも指定してください。',
  'A disk of {} is too small for an image of {}.':
    '{0?} のディスクは、{1?} のイメージには小さすぎます。',
  'Leave its size out, or give a larger one.': 'サイズを省くか、大きくしてください。',
  'A disk of {} cannot be made.': '{0?} のディスクは作成できません。',
  'It has at least 1 MiB and at most {}.': '1 MiB 以上 {0?} 以下にしてください。',
  'A machine has at least {LEAST_MEMORY_MIB} MiB of memory, not {memory_mib} MiB.':
    'マシンのメモリは {LEAST_MEMORY_MIB} MiB 以上にしてください（指定: {memory_mib} MiB）。',
  'A machine has 1 to {MOST_CPUS} processors, not {cpus}.':
    'マシンのプロセッサは 1〜{MOST_CPUS} 個です（指定: {cpus}）。',
  'A machine without a network forwards no ports.':
    'ネットワークのないマシンではポートを転送できません。',
  "Give it the network 'user'.": 'ネットワークを「user」にしてください。',
  'A forwarded port has a number from 1 to 65535.': '転送するポートの番号は 1〜65535 です。',
  'Write it as 8080:80.': '8080:80 のように書いてください。',
  'The port {} is forwarded twice.': 'ポート {} が 2 回転送されています。',
  'Choose another port of this computer for one of them.':
    '一方に、このコンピュータの別のポートを選んでください。',
  "The machine '{}' is there, but a checkpoint was not taken: {error}":
    'マシン「{}」は作成されましたが、チェックポイントは作成されませんでした: {error?}',
  "Take it with 'cairn checkpoint create'.": "'cairn checkpoint create' で作成してください。",
  'It was cancelled.': 'キャンセルされました。',
  "The volume '{}' was not filled with {}: {why}":
    'ボリューム「{0}」に {1} を入れられませんでした: {why?}',
  'The machine is there, stopped: change it and start it again, or delete it.':
    'マシンは停止した状態で残っています。変更してもう一度起動するか、削除してください。',
  'The path of what a volume is filled with must be absolute, not {}.':
    'ボリュームに入れるもののパスは絶対パスにしてください: {}。',
  'A volume cannot be filled with {}: {cause}.':
    '{} をボリュームに入れることはできません: {cause?}。',
  'look into libvirt': 'libvirt を調べる',
  'It can be attached.': '接続できます。',
  'It has no QMP socket. Start it with -qmp unix:PATH,server=on,wait=off, PATH being absolute.':
    'QMP ソケットがありません。-qmp unix:パス,server=on,wait=off を付けて起動してください（絶対パス）。',
  'It has no QMP socket of its own; perhaps libvirt runs it. {why}':
    '専用の QMP ソケットがありません。libvirt が動かしているのかもしれません。{why?}',
  "It is attached as '{}'.": '「{}」として接続されています。',
  "It is the machine '{}', which Cairn has started.": 'Cairn が起動したマシン「{}」です。',
  'Its QMP socket {} lies in a folder that is not known.':
    'QMP ソケット {} のあるフォルダが分かりません。',
  'QMP socket': 'QMP ソケット',
  'reach it at {}': '{} に接続する',
  'There is no UEFI firmware for machines on this computer.':
    'このコンピュータにはマシン用の UEFI ファームウェアがありません。',
  'Install it; on Debian: sudo apt-get install ovmf':
    'インストールしてください。Debian の場合: sudo apt-get install ovmf',
  "read the firmware's variables": 'ファームウェアの変数を読む',
  "copy the firmware's variables": 'ファームウェアの変数をコピーする',
  "The machine '{}' waits, because this computer's disk is full.":
    'このコンピュータのディスクがいっぱいのため、マシン「{}」は待機しています。',
  'It goes on by itself when {} are free.': '{0?} 空くと自動で再開します。',
  "let the machine '{}' go on": 'マシン「{}」を再開する',
  "There is room again: the machine '{}' goes on.": '空きができました。マシン「{}」は再開します。',
  "socket of a guest's agent": 'ゲストエージェントのソケット',
  'use that daemon': 'そのデーモンを使う',
  'Use qemu:///session or qemu:///system.':
    'qemu:///session または qemu:///system を指定してください。',
  "look for the domain '{}'": 'ドメイン「{}」を探す',
  "No domain '{}' runs in {}.": '{1} でドメイン「{0}」は動いていません。',
  "Start it; 'virsh list' shows which run.":
    "起動してください。動いているものは 'virsh list' で確認できます。",
  "Several of libvirt's daemons have a domain '{}'.":
    'libvirt の複数のデーモンにドメイン「{}」があります。',
  'Say which, such as qemu:///session.': 'qemu:///session のように、どれかを指定してください。',
  'Stop it without force, or end its QEMU yourself.':
    '強制せずに停止するか、QEMU を自分で終了してください。',
  'Start its QEMU with -qmp unix:{qmp},server=on,wait=off; Cairn then reaches it by itself.':
    'QEMU を -qmp unix:{qmp},server=on,wait=off 付きで起動してください。Cairn は自動で接続します。',
  'Stop it without force, or: {}': '強制せずに停止するか、次を実行してください: {}',
  'Type: {}; Cairn then reaches it by itself.':
    '次を入力してください: {}（Cairn は自動で接続します）。',
  'Nobody listens at {}: its QEMU has ended.':
    '{} では何も待ち受けていません。QEMU は終了しています。',
  'Start it, then attach it.': '起動してから接続してください。',
  "The machine has no channel to a guest's agent, though a socket of one was given.":
    'ソケットが指定されましたが、マシンにゲストエージェントへの通信路がありません。',
  "Leave that socket out, or look into its QEMU's command line.":
    'そのソケットを省くか、QEMU のコマンドラインを確認してください。',
  'Start its QEMU with -qmp unix:PATH,server=on,wait=off.':
    'QEMU を -qmp unix:パス,server=on,wait=off 付きで起動してください。',
  '{} is no socket.': '{} はソケットではありません。',
  "Give the path that stands behind 'unix:' or 'path=' in QEMU's command line.":
    "QEMU のコマンドラインで 'unix:' または 'path=' の後にあるパスを指定してください。",
  'Run that QEMU as the user who runs Cairn.':
    'Cairn を動かしているユーザーとして、その QEMU を動かしてください。',
  start: '起動',
  end: '終了',
  image: 'イメージ',
  kernel: 'カーネル',
  initramfs: 'initramfs',
  'There is no image {}.': 'イメージ {} はありません。',
  'There is no kernel {}.': 'カーネル {} はありません。',
  'There is no initramfs {}.': 'initramfs {} はありません。',
  'There is no QMP socket {}.': 'QMP ソケット {} はありません。',
  "There is no socket of a guest's agent {}.": 'ゲストエージェントのソケット {} はありません。',
  'This user may not open the QMP socket {}, which belongs to user {}.':
    'このユーザーは QMP ソケット {0} を開けません（所有者: ユーザー {1}）。',
  "This user may not open the socket of a guest's agent {}, which belongs to user {}.":
    'このユーザーはゲストエージェントのソケット {0} を開けません（所有者: ユーザー {1}）。',
  '{one} stands': '{one?}',
  "The machine '{}' cannot be reached: nobody listens at {}, though its QEMU, process {}, runs on.":
    'マシン「{0}」に接続できません。QEMU（プロセス {2}）は動いていますが、{1} では何も待ち受けていません。',
  "The machine '{}' cannot be reached: another one listens at {}, though its QEMU, process {}, runs on.":
    'マシン「{0}」に接続できません。QEMU（プロセス {2}）は動いていますが、{1} では別のマシンが待ち受けています。',
};
