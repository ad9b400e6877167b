/** The engine's sentences of mounting and unmounting, in Japanese. */
import type { Sentences } from '../../sentences';

export const mounts: Sentences = {
  "The machine '{}' has the volume '{}' already, at {}.":
    'マシン「{0}」はボリューム「{1}」をすでに {2} で使用中です。',
  "The machine '{}' has the volume '{}' at {path}.":
    'マシン「{0}」がボリューム「{1}」を {path} で使用中です。',
  'Choose another path, or unmount that volume first.':
    '別のパスにするか、先にそのボリュームをアンマウントしてください。',
  "unmount '{}' at {path} in '{}'": '「{1}」の {path} から「{0}」をアンマウントする',
  'The machine ended while the volume was being mounted.':
    'ボリュームのマウント中にマシンが終了しました。',
  'Start it and try again.': 'マシンを起動して、もう一度お試しください。',
  'mount it so': 'その方法でマウントする',
  "The machine '{}' has no volume mounted at {path}.":
    'マシン「{}」の {path} にマウントされたボリュームはありません。',
  'Look at the list of mounts for its paths.': 'パスはマウントの一覧で確認できます。',
  'Unmounting by force takes it away all the same; what was not written then is lost.':
    '強制的に外すこともできますが、まだ書き込まれていない内容は失われます。',
  'mount there': 'そこにマウントする',
  'it is being mounted': 'マウントしています',
  "mount '{}' at {} in '{}'": '「{0}」を「{2}」の {1} にマウントする',
  "take '{}' out of the machine again": '「{}」をマシンから取り外す',
  "take the volume '{}'": 'ボリューム「{}」を使う',
  'Make a branch of the checkpoint under a name of your own, and mount that.':
    'チェックポイントから自分で名前を付けたブランチを作成し、それをマウントしてください。',
  'The disk is in the machine, whose guest has no agent running to mount it. Type in it: mkdir -p {path} && mount -o {options} /dev/disk/by-id/virtio-{serial} {path}':
    'ディスクはマシンに接続されていますが、ゲストでエージェントが動いていないためマウントできません。マシンで次を入力してください: mkdir -p {path} && mount -o {options} /dev/disk/by-id/virtio-{serial} {path}',
  "The machine '{}' has let go of the volume '{}' now.":
    'マシン「{0}」がボリューム「{1}」を手放しました。',
  "mount '{}' at {} again": '「{0}」を {1} に再びマウントする',
  'The guest could not be asked to write anything back before; what it had not written is lost.':
    '事前にゲストへ書き込みを促せませんでした。書き込まれていなかった内容は失われました。',
  'What used it there gets errors, and what it had not written is lost.':
    '使っていたプログラムではエラーが起き、書き込まれていなかった内容は失われました。',
  '{names} still used it there and {verb} errors; what {which} not written is lost.':
    '{names?} がまだ使っていたためエラーが起き、書き込まれていなかった内容は失われました。',
  "The volume '{}' was taken away from {} by force. {cost}":
    'ボリューム「{0}」を {1} から強制的に外しました。{cost?}',
  "The disk of '{}' has grown, and its filesystem could not while the machine has it: {error}.":
    '「{}」のディスクは大きくなりましたが、マシンが使用中のためファイルシステムは拡大できませんでした: {error?}。',
  'It takes its room when the volume is unmounted. To have it now, install e2fsprogs in the guest and grow the volume again, or type in it: resize2fs /dev/disk/by-id/virtio-{}':
    'アンマウントしたときに拡大されます。すぐに必要なら、ゲストに e2fsprogs を入れてもう一度拡大するか、ゲストで次を入力してください: resize2fs /dev/disk/by-id/virtio-{}',
  "limit what goes through '{}' in '{}'": '「{1}」の「{0}」の転送量を制限する',
  'Could not limit the mount: {error}.': 'マウントを制限できませんでした: {error?}。',
  "take a checkpoint of '{}'": '「{}」のチェックポイントを作成する',
  'ask the machine for its disks': 'マシンにディスクを問い合わせる',
  "The machine that writes '{}' cannot be reached.":
    '「{}」に書き込んでいるマシンに接続できません。',
  'Look at the machine, then try again.': 'マシンを確認して、もう一度お試しください。',
  "What the machine '{}' has of '{}' is not clear.":
    'マシン「{0}」が「{1}」をどう使っているか、はっきりしません。',
  'The guest has the disk, but nothing mounted at {}.':
    'ゲストにディスクはありますが、{} には何もマウントされていません。',
  "finish unmounting '{}'": '「{}」のアンマウントを完了する',
  'The guest has the disk, but nothing mounted from it.':
    'ゲストにディスクはありますが、マウントされていません。',
  "The machine '{}' has the volume '{}', which was not recorded.":
    'マシン「{0}」がボリューム「{1}」を使用中ですが、記録がありません。',
  'name what stands in for the checkpoint': 'チェックポイントの代わりのファイルに名前を付ける',
  "look at the checkpoint's layers": 'チェックポイントの層を調べる',
  "The checkpoint has {} layers, too many for a machine to read through. Reading it takes {} on this computer's disk while a machine has it; {} are free.":
    'チェックポイントは {0} 層あり、マシンが読むには多すぎます。マシンが使う間、このコンピュータのディスクに {1?} 必要ですが、空きは {2?} です。',
  'Free some space, or delete checkpoints before it.':
    '空きを増やすか、それより前のチェックポイントを削除してください。',
  'make what stands in for the checkpoint': 'チェックポイントの代わりのファイルを作成する',
  "replay the checkpoint's journal": 'チェックポイントのジャーナルを再生する',
  'whether it is mounted there cannot be seen from outside.':
    'マウントされているかどうかは外から分かりません。',
  'Type in the machine: umount {path}': 'マシンで次を入力してください: umount {path}',
  "grow '{}'": '「{}」を拡大する',
};
