/** The engine's sentences of machines that libvirt runs, in Japanese. */
import type { Sentences } from '../../sentences';

export const libvirt: Sentences = {
  '{uri:?} is no libvirt daemon of this computer: {why}':
    '{uri:?} はこのコンピュータの libvirt デーモンではありません: {why?}',
  'it begins with neither qemu:/// nor qemu+unix:///':
    'qemu:/// または qemu+unix:/// で始まっていません',
  'it names neither /session nor /system': '/session も /system も含まれていません',
  'it is too long, or has spaces in it': '長すぎるか、空白を含んでいます',
  'of its parameters only socket=/PATH and mode= are known here':
    '使えるパラメータは socket=/パス と mode= だけです',
  "libvirt's command virsh is missing.": 'libvirt のコマンド virsh がありません。',
  'Install it; on Debian: sudo apt-get install --no-install-recommends libvirt-clients':
    'インストールしてください。Debian の場合: sudo apt-get install --no-install-recommends libvirt-clients',
  'libvirt did not end {name} within {} seconds; it may still do so':
    'libvirt が {} 秒以内に {name} を終えませんでした。これから終わるかもしれません',
  'run virsh': 'virsh を実行する',
  'virsh failed without a word': 'virsh が何も言わずに失敗しました',
  "libvirt's daemon cannot be reached: {words}.": 'libvirt のデーモンに接続できません: {words?}。',
  'Look whether it runs and whether this user may use it':
    '動いているか、このユーザーが使えるかを確認してください',
  'libvirt says that the domain does not run': 'libvirt によると、ドメインは動いていません',
  "the guest's agent does not answer: {words}": 'ゲストエージェントが応答しません: {words?}',
  'the machine has no disk {serial}': 'マシンにディスク {serial} はありません',
  'Unmount a volume from it first, or add {options} to its devices (virsh edit), then shut it down and start it again':
    '先にボリュームを 1 つアンマウントするか、デバイスに {options} を追加し（virsh edit）、シャットダウンしてから起動し直してください',
  'nothing can be plugged into the machine ({}) while it runs':
    '動いている間、マシン（{}）には何も接続できません',
  'all {total} slots of the machine are taken': 'マシンのスロット {total} 個がすべて使用中です',
  'read the overlay': 'オーバーレイを読む',
  'could not put the overlay on top': 'オーバーレイを重ねられませんでした',
  "the machine's QEMU runs as user {runs_as}, and {path} belongs to user {}: libvirt would take it from its owner.":
    'マシンの QEMU はユーザー {runs_as} として動いており、{path} はユーザー {} のものです。libvirt が所有者を変えてしまいます。',
  "Have libvirt run the machine as that user; 'cairn vm doctor' says how":
    "libvirt にそのユーザーとしてマシンを動かさせてください。方法は 'cairn vm doctor' で分かります",
  'could not let the disk grow': 'ディスクを大きくできませんでした',
  'could not limit what goes through the disk': 'ディスクの転送量を制限できませんでした',
  'somebody looks at another disk of the machine, and libvirt shows one at a time; try again when that has ended':
    'マシンの別のディスクを誰かが見ています。libvirt が見せられるのは一度に 1 つです。終わってからもう一度お試しください',
  'could not look at the disk while the guest writes it':
    'ゲストが書き込み中のディスクを見られませんでした',
  "a socket's path has at most {LONGEST_SOCKET_PATH} bytes, and {name} is longer":
    'ソケットのパスは {LONGEST_SOCKET_PATH} バイトまでですが、{name} はそれより長いです',
  'connect to the disk that libvirt shows': 'libvirt が見せるディスクに接続する',
  "libvirt did not end the look at a disk; 'virsh domjobabort' may help":
    "libvirt がディスクの表示を終えませんでした。'virsh domjobabort' で解決する場合があります",
  'libvirt cannot be told {text:?}: it has a control character in it':
    '{text:?} は制御文字を含むため、libvirt に渡せません',
  "libvirt's description of the domain makes no sense: {why}":
    'libvirt によるドメインの記述が正しくありません: {why?}',
  'it describes something else': '別のものを記述しています',
  'it has no devices': 'デバイスがありません',
};
