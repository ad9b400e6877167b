/** The engine's sentences of disks in running machines, in Japanese. */
import type { Sentences } from '../../sentences';

export const guests: Sentences = {
  'the guest does not say since when it has been running':
    'ゲストがいつから動いているか分かりません',
  'of unknown version': 'バージョン不明',
  'a disk {} is attached already, with {}': 'ディスク {} はすでに {} で接続されています',
  'could not attach {path}': '{path} を接続できませんでした',
  'the guest did not let go of the disk {} within {} seconds.':
    'ゲストが {1} 秒以内にディスク {0} を手放しませんでした。',
  'While it boots it cannot; try again later, or restart the guest':
    '起動中は手放せません。あとでもう一度試すか、ゲストを再起動してください',
  'the guest cannot let go of the disk {}': 'ゲストがディスク {} を手放せません',
  'the machine has no disk {}': 'マシンにディスク {} はありません',
  'could not close a layer': '層を閉じられませんでした',
  'could not write back in the guest': 'ゲストで書き込みを完了できませんでした',
  '{what}: the guest did not finish within {seconds} seconds; it may still do so':
    '{what?}: ゲストが {seconds} 秒以内に終わりませんでした。これから終わるかもしれません',
  "the guest's agent is not running.": 'ゲストエージェントが動いていません。',
  'While the machine boots, wait a little; otherwise start qemu-guest-agent in the guest':
    'マシンの起動中なら少し待ってください。そうでなければ、ゲストで qemu-guest-agent を起動してください',
  'could not end a program in the guest': 'ゲストのプログラムを終了できませんでした',
  "another client holds the socket of the guest's agent.":
    'ほかのクライアントがゲストエージェントのソケットを使用中です。',
  'End it and try again': 'それを終了して、もう一度お試しください',
  'the guest did not freeze {} within {longest:?}':
    'ゲストが {longest:?} 以内に {} を一時停止できませんでした',
  "could not thaw the guest's filesystems": 'ゲストのファイルシステムを再開できませんでした',
  'it does not answer': '応答がありません',
  'could not open the overlay': 'オーバーレイを開けませんでした',
  'the overlay ({found} bytes) is smaller than the disk ({size} bytes)':
    'オーバーレイ（{found} バイト）がディスク（{size} バイト）より小さいです',
  'the disk {} was not attached by Cairn': 'ディスク {} は Cairn が接続したものではありません',
  'the disk {} has too many layers; detach and attach it':
    'ディスク {} の層が多すぎます。一度外して接続し直してください',
  'the guest does not read its serial console': 'ゲストがシリアルコンソールを読んでいません',
  'somebody else started the machine, and has its serial console':
    'マシンはほかで起動されており、シリアルコンソールもそちらにあります',
  'the machine has no serial console that can be typed to':
    'マシンに入力できるシリアルコンソールがありません',
  'another client holds the socket of the serial console, or the guest has not read all that was typed.':
    'ほかのクライアントがシリアルコンソールのソケットを使用中か、入力をゲストがまだ読み終えていません。',
  'End that client and try again': 'そのクライアントを終了して、もう一度お試しください',
  'connect to the socket of the serial console': 'シリアルコンソールのソケットに接続する',
  'there is no filesystem at {} in the guest that could be frozen':
    'ゲストの {} に一時停止できるファイルシステムがありません',
  'could not freeze {} in the guest': 'ゲストで {} を一時停止できませんでした',
  'the guest has no program resize2fs': 'ゲストに resize2fs がありません',
  'the guest could not let its filesystem grow': 'ゲストがファイルシステムを拡大できませんでした',
  'the guest could not change its files': 'ゲストがファイルを変更できませんでした',
  "the guest's agent did not answer within {seconds} seconds{reason}":
    'ゲストエージェントが {seconds} 秒以内に応答しませんでした{reason}',
  'the program did not end in the guest within {seconds} seconds; it runs on':
    'ゲストのプログラムが {seconds} 秒以内に終わりませんでした。まだ動いています',
  'the guest did not stop within {seconds} seconds; it may still do so.':
    'ゲストが {seconds} 秒以内に停止しませんでした。これから停止するかもしれません。',
  'Stop it by force if it hangs': '固まっている場合は強制停止してください',
  'libvirt runs the machine, and nobody else ends it':
    'マシンは libvirt が動かしており、ほかからは終了できません',
  'QEMU does not end, not even by force; look at its process on this computer':
    'QEMU が強制しても終了しません。このコンピュータのプロセスを確認してください',
  'operations are limited to between 1 and 1,000,000,000 a second':
    '操作の制限は 1 秒あたり 1〜1,000,000,000 回です',
  'bytes are limited to between 4,096 and 1,000,000,000,000 a second':
    '転送量の制限は 1 秒あたり 4,096〜1,000,000,000,000 バイトです',
  '{} cannot keep what is written over: its name is another one':
    '{} には上書きされる内容を残せません。名前が違います',
  "open the machine's folder": 'マシンのフォルダを開く',
  'connect to the disk that QEMU exports': 'QEMU が見せるディスクに接続する',
  'QEMU did not let go of the disk {} that it exports':
    'QEMU が公開中のディスク {} を手放しませんでした',
  'somebody looks at the disk': 'ディスクが閲覧中です',
  'could not merge layers': '層を統合できませんでした',
  'the disk {} does not stand on a base': 'ディスク {} はベースの上にありません',
  'could not write a layer back': '層を書き戻せませんでした',
  'the machine does not have the layer {} open': 'マシンは層 {} を開いていません',
  "{} cannot be named in a layer's header": '{} を層のヘッダに書けません',
  'could not take {path} out of the guest': '{path} をゲストから外せませんでした',
  'could not ask the guest what is mounted': 'マウントの状況をゲストに問い合わせられませんでした',
  'could not mount at {path} in the guest': 'ゲストの {path} にマウントできませんでした',
  "the machine has no channel to a guest's agent":
    'マシンにゲストエージェントへの通信路がありません',
  "the agent's channel does not lead to a socket that can be found on this computer":
    'エージェントの通信路につながるソケットがこのコンピュータに見つかりません',
  'the machine waits to be told to begin.': 'マシンは開始の指示を待っています。',
  'Let it, then try again': '開始させてから、もう一度お試しください',
  'the machine is paused.': 'マシンは一時停止しています。',
  'Let it go on, then try again': '再開させてから、もう一度お試しください',
  'the machine waits, because a disk of this computer failed or is full.':
    'このコンピュータのディスクに障害があるか、いっぱいのため、マシンは待機しています。',
  'Free some space, then try again': '空きを増やして、もう一度お試しください',
  'the guest has powered off.': 'ゲストは電源を切っています。',
  'End its QEMU, or start the machine again': 'QEMU を終了するか、マシンを起動し直してください',
  'the guest has crashed.': 'ゲストがクラッシュしました。',
  'Stop the machine by force, then start it again':
    'マシンを強制停止してから、起動し直してください',
  "the guest does not run: QEMU calls its state '{state}'":
    "ゲストが動いていません。QEMU の状態は '{state}' です",
  "could not look at the guest's own disk": 'ゲスト自身のディスクを調べられませんでした',
  'the guest does not have its own disk': 'ゲストに専用ディスクがありません',
  'the disk {} does not have the layer {}': 'ディスク {0} に層 {1} はありません',
  'the disk {} has had too many bases; detach and attach it':
    'ディスク {} のベースの回数が多すぎます。一度外して接続し直してください',
  'could not put a base below a layer': '層の下にベースを置けませんでした',
  'could not commit layers': '層を書き込めませんでした',
  'Unmount a volume from it first': '先にボリュームを 1 つアンマウントしてください',
  'Unmount a volume from it first, or start its QEMU with one more: {options}':
    '先にボリュームを 1 つアンマウントするか、次を追加して QEMU を起動してください: {options}',
  'Start its QEMU with: {options}': '次を付けて QEMU を起動してください: {options}',
  'nothing can be plugged into a microvm while it runs: its disks sit on virtio-mmio':
    'microvm には動いている間に接続できません。ディスクが virtio-mmio にあるためです',
  'nothing can be plugged into the machine while it runs: its hot-plug through ACPI is switched off':
    '動いているマシンには接続できません。ACPI によるホットプラグがオフになっています',
  'nothing can be plugged into the machine ({kind}) while it runs: it has no PCI Express port with an id, of which each disk needs one':
    '動いているマシン（{kind}）には接続できません。ディスクごとに必要な、ID の付いた PCI Express ポートがありません',
  'nothing can be plugged into the machine ({kind}) while it runs: Cairn knows none of its buses':
    '動いているマシン（{kind}）には接続できません。Cairn が扱えるバスがありません',
  'libvirt runs the machine and offers no way to do that.':
    'マシンは libvirt が動かしており、その方法がありません。',
  'Unmount the volume first': '先にボリュームをアンマウントしてください',
  'libvirt does not run the machine': 'マシンは libvirt が動かしているものではありません',
  "QEMU's process {} runs on, but its sockets fail: {error}":
    'QEMU のプロセス {} は動いていますが、ソケットが使えません: {error?}',
};
