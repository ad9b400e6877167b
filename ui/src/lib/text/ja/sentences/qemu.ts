/** The engine's sentences of QEMU, its images and its agent, in Japanese. */
import type { Sentences } from '../../sentences';

export const qemu: Sentences = {
  '/dev/kvm cannot be opened: {error}': '/dev/kvm を開けません: {error?}',
  'QEMU does not start: {error}': 'QEMU が起動しません: {error?}',
  "other clients wait for the guest's agent.":
    'ほかのクライアントがゲストエージェントを待っています。',
  'End them and try again': 'それらを終了して、もう一度お試しください',
  "connect to the socket of the guest's agent": 'ゲストエージェントのソケットに接続する',
  'there is no program to run': '実行するプログラムがありません',
  'more than 16 MiB of input cannot be given to a program': 'プログラムへの入力は 16 MiB までです',
  "the guest's agent did not end {command} within {seconds} seconds":
    'ゲストエージェントが {seconds} 秒以内に {command} を終えませんでした',
  'so much cannot be told the agent of a guest that libvirt runs; 80 KiB at a time can':
    'libvirt が動かすゲストのエージェントにはこれほど多く渡せません。一度に 80 KiB までです',
  "the guest's agent answered {command} with something that makes no sense":
    'ゲストエージェントの {command} への応答が正しくありません',
  "the guest's agent did not answer within {seconds} seconds.":
    'ゲストエージェントが {seconds} 秒以内に応答しませんでした。',
  'Look whether qemu-guest-agent runs in the guest':
    'ゲストで qemu-guest-agent が動いているか確認してください',
  "the connection to the guest's agent ended; the machine has stopped":
    'ゲストエージェントとの接続が切れました。マシンは停止しています',
  "talk to the guest's agent": 'ゲストエージェントと通信する',
  'the machine cannot boot: there is no readable file {}':
    'マシンを起動できません。読み取れるファイル {} がありません',
  'QEMU cannot be told a path that is not UTF-8: {}': 'UTF-8 でないパスは QEMU に渡せません: {}',
  'could not look at the image: {error}': 'イメージを調べられませんでした: {error?}',
  'it is empty': '空です',
  'read the image {}': 'イメージ {} を読む',
  'it is not a file': 'ファイルではありません',
  'it is in the format {name}.': '形式が {name} です。',
  'Convert it: qemu-img convert -f {name} -O qcow2 IMAGE NEW.qcow2':
    '変換してください: qemu-img convert -f {name} -O qcow2 IMAGE NEW.qcow2',
  'Make one of its own: qemu-img convert -O qcow2 IMAGE NEW.qcow2':
    '独立したイメージにしてください: qemu-img convert -O qcow2 IMAGE NEW.qcow2',
  'its qcow2 version {version} is not known': 'qcow2 のバージョン {version} は未対応です',
  'it stands on another file, {name:?}, and would not be whole without it.':
    '別のファイル {name:?} の上にあり、それがないと完全ではありません。',
  'its data are in another file.': 'データが別のファイルにあります。',
  'it is encrypted, which Cairn does not do': '暗号化されており、Cairn では扱えません',
  'QEMU has marked it as damaged.': 'QEMU が壊れていると印を付けています。',
  'Look at it: qemu-img check IMAGE': '確認してください: qemu-img check IMAGE',
  "qemu-img's answer is not understood: {error}": 'qemu-img の応答を理解できません: {error?}',
  'it stands on another file, {name:?}': '別のファイル {name:?} の上にあります',
  'could not look for qemu-img: {error}': 'qemu-img を探せませんでした: {error?}',
  'qemu-img did not end within {} seconds on {}':
    'qemu-img が {1} を {0} 秒以内に処理できませんでした',
  'run qemu-img': 'qemu-img を実行する',
  '{} cannot be booted: {why}': '{} からは起動できません: {why?}',
  'could not {what}: {source}': '{what!}ことができませんでした: {source?}',
  'the machine is not running': 'マシンが動いていません',
  'qemu-img did not end within 30 seconds': 'qemu-img が 30 秒以内に終わりませんでした',
  'read what qemu-img wrote': 'qemu-img の出力を読む',
  'its data are in other files': 'データが別のファイルにあります',
  'qemu-img does not say how large it is': 'qemu-img からサイズを得られません',
  'it is a VMware image of several files.': '複数のファイルからなる VMware イメージです。',
  'Make one of it: qemu-img convert -f vmdk -O qcow2 IMAGE NEW.qcow2':
    '1 つにまとめてください: qemu-img convert -f vmdk -O qcow2 IMAGE NEW.qcow2',
  'it is in the format vpc.': '形式が vpc です。',
  'Convert it: qemu-img convert -f vpc -O qcow2 IMAGE NEW.qcow2':
    '変換してください: qemu-img convert -f vpc -O qcow2 IMAGE NEW.qcow2',
  'it is in the format qed.': '形式が qed です。',
  'Convert it: qemu-img convert -f qed -O qcow2 IMAGE NEW.qcow2':
    '変換してください: qemu-img convert -f qed -O qcow2 IMAGE NEW.qcow2',
  '{} cannot be read as a disk: {why}': '{} をディスクとして読めません: {why?}',
  'could not unmount {path} in the guest': 'ゲストで {path} をアンマウントできませんでした',
  'the mount at {place}': '{place} のマウント',
  'the volume of {path} is mounted nowhere in the guest any more, but files of it are still open there.':
    '{path} のボリュームはゲストではもうマウントされていませんが、そのファイルがまだ開かれています。',
  'End what has them open, then unmount again':
    'それを開いているプログラムを終了してから、もう一度アンマウントしてください',
  '{path} is in use in the guest, which does not say by what: perhaps a swap file or a loop device on it':
    'ゲストで {path} が使用中ですが、何が使っているか分かりません。スワップファイルかループデバイスがあるかもしれません',
  '{path} is in use in the guest by {reasons}.': 'ゲストで {path} を {reasons?} が使用中です。',
  'End that in the guest, then unmount again':
    'ゲストでそれを終了してから、もう一度アンマウントしてください',
  'it ended with code {}': 'コード {} で終了しました',
  'a process that has ended meanwhile': 'すでに終了したプロセス',
  'could not look for QEMU: {error}': 'QEMU を探せませんでした: {error?}',
  "find the machine's folder": 'マシンのフォルダを見つける',
  'the machine {} runs already': 'マシン {} はすでに動いています',
  '{program} did not start the machine within {seconds} seconds':
    '{program} が {seconds} 秒以内にマシンを起動しませんでした',
  'it ended with {status}': '{status} で終了しました',
  'QEMU {} did not start the machine: {words}': 'QEMU {} がマシンを起動しませんでした: {words?}',
  'whether a volume is mounted ro or rw is no mount option here, but its mode':
    'ro か rw かはマウントオプションではなく、アクセスで指定してください',
  '{option:?} is not among the mount options that are known: {flags}, data=journal|ordered|writeback, errors=continue|remount-ro, commit=SECONDS':
    '{option:?} は使えるマウントオプションではありません: {flags}, data=journal|ordered|writeback, errors=continue|remount-ro, commit=秒数',
  '{text:?} cannot be a mount path: {why}': '{text:?} はマウント先のパスにできません: {why?}',
  'it must begin with a slash, like /data': '/data のように「/」で始めてください',
  'it holds a line break or another control character': '改行などの制御文字を含んでいます',
  "the guest's root is taken; choose a folder, like /data":
    '「/」はゲスト自身のものです。/data のようなフォルダを選んでください',
  'it holds ".."': '「..」を含んでいます',
  'one of its names is longer than 255 bytes': '255 バイトより長い名前を含んでいます',
  'it is longer than 4095 bytes': '4095 バイトより長いです',
  "end QEMU's process {pid}": 'QEMU のプロセス {pid} を終了する',
  'QEMU is missing: there is no {program} in PATH.':
    'QEMU がありません（PATH に {program} が見つかりません）。',
  'Install it; on Debian: sudo apt-get install --no-install-recommends {package}':
    'インストールしてください。Debian の場合: sudo apt-get install --no-install-recommends {package}',
  '{} does not run: {why}.': '{} が動きません: {why?}。',
  'Install it again': 'インストールし直してください',
  "connect to the machine's QMP socket": 'マシンの QMP ソケットに接続する',
  "the machine's QMP socket does not speak QMP": 'マシンの QMP ソケットが QMP で応答しません',
  'QEMU did not answer {command} within {seconds} seconds':
    'QEMU が {command} に {seconds} 秒以内に応答しませんでした',
  "the machine's QMP socket carried something that is not QMP: {error}":
    'マシンの QMP ソケットから QMP でないものが届きました: {error?}',
  'another process has the image open: {reason}':
    'ほかのプロセスがイメージを開いています: {reason}',
  '{command} was refused: {reason}{class}': '{command} が拒否されました: {reason}{class}',
  "the machine's QMP socket is held by another client, or its QEMU hangs: QEMU does not greet.":
    'ほかのクライアントがマシンの QMP ソケットを使用中か、QEMU が固まっています。QEMU の応答がありません。',
  'End the other client and try again': 'ほかのクライアントを終了して、もう一度お試しください',
  "talk to the machine's QEMU": 'マシンの QEMU と通信する',
  'this is no path of a socket': 'ソケットのパスではありません',
  'the other side sent a line that is too long': '相手から長すぎる行が届きました',
  'the other side closed the connection': '相手が接続を閉じました',
  '{} (process {})': '{0}（プロセス {1}）',
  "make the machine's folder {}": 'マシンのフォルダ {} を作成する',
  "write to the machine's folder {}": 'マシンのフォルダ {} に書き込む',
  'find {}': '{} を見つける',
  'run {program}': '{program} を実行する',
};
