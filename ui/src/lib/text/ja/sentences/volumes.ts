/** The engine's sentences of volumes and checkpoints, in Japanese. */
import type { Sentences } from '../../sentences';

export const volumes: Sentences = {
  'files are being read from it': 'ファイルを読み取っています',
  "The volume '{volume}' is busy: {what}.": 'ボリューム「{volume}」は使用中です: {what?}。',
  'Try again when that has ended, or cancel it.':
    'それが終わってからもう一度お試しいただくか、キャンセルしてください。',
  'Unmount it there first, or take a checkpoint and look into that.':
    '先にそこでアンマウントするか、チェックポイントを作成してその中を見てください。',
  'Unmount it there first.': '先にそこでアンマウントしてください。',
  'It is this checkpoint that is mounted; unmount it first.':
    'このチェックポイント自体がマウントされています。先にアンマウントしてください。',
  "The volume '{}' is mounted {how} at {} in the machine '{}'.":
    'ボリューム「{0}」は、マシン「{2}」の {1} に{how!}でマウントされています。',
  "A {what}'s name must not be empty.": '名前を入力してください。',
  "A {what}'s name has at most {MAX_NAME_BYTES} bytes; this one has {}.":
    '名前は {MAX_NAME_BYTES} バイトまでです（現在 {} バイト）。',
  "A {what} cannot be called '{trimmed}'.": '「{trimmed}」は名前に使えません。',
  "A {what}'s name must not contain '/'.": '名前に「/」は使えません。',
  "A {what}'s name must not contain control characters such as line breaks or tabs.":
    '名前に改行やタブなどの制御文字は使えません。',
  "A {what} cannot be called '{trimmed}', because that is what ids look like.":
    '「{trimmed}」は ID と同じ形式のため、名前に使えません。',
  "A checkpoint cannot be called 'latest', because that word stands for the newest one.":
    '「latest」は最新のものを表す語のため、チェックポイントの名前に使えません。',
  'There is no such schedule.': 'そのような予定はありません。',
  'Periods have at most 527040 minutes (a year), and begin at a minute of the day below 1440.':
    '間隔は 527040 分（1 年）まで、開始は 1 日のうち 1440 未満の分で指定します。',
  "The volume '{name}' has been deleted.": 'ボリューム「{name}」は削除されました。',
  'move the volume to the trash': 'ボリュームをゴミ箱に移す',
  'Deleted volumes can be kept for at most {MOST_DAYS} days, not {days}.':
    '削除したボリュームを残せるのは {MOST_DAYS} 日までです（指定: {days} 日）。',
  '0 removes them when nothing needs them.':
    '0 にすると、必要とするものがなくなりしだい削除します。',
  'note how long deleted volumes stay': '削除したボリュームを残す期間を記録する',
  'remove the deleted volume for good': '削除したボリュームを完全に取り除く',
  "There is no volume '{volume}' in the trash.": 'ゴミ箱にボリューム「{volume}」はありません。',
  'Look at the list of deleted volumes for its name or id.':
    '名前や ID は削除したボリュームの一覧で確認できます。',
  'The volume {} is in the store and in the trash.':
    'ボリューム {} がストアとゴミ箱の両方にあります。',
  "Look at the store's folder.": 'ストアのフォルダを確認してください。',
  'bring the volume back': 'ボリュームを戻す',
  'The manifest of the deleted volume {} is damaged: {why}.':
    '削除したボリューム {} のマニフェストが壊れています: {why?}。',
  'Its layers are untouched; copy what you need from its folder in the trash.':
    '層は無事です。必要なものをゴミ箱のフォルダからコピーしてください。',
  "look at the volume's head": 'ボリュームの先頭の層を調べる',
  'it is being deleted': '削除しています',
  "There is a volume '{name}' already.": 'ボリューム「{name}」はすでにあります。',
  "A new volume cannot be called '{free}', which is too long.":
    '「{free}」は長すぎるため、新しいボリュームの名前にできません。',
  'Give it a shorter name of your own.': '短い名前を付けてください。',
  "The volume '{}' has {} and cannot shrink to {}.":
    'ボリューム「{0}」は {1?} あり、{2?} に縮小することはできません。',
  'Create a smaller volume and copy the files.':
    '小さいボリュームを作成し、ファイルをコピーしてください。',
  'it is growing': '拡大しています',
  'A volume needs at least {}; {} is too small.':
    'ボリュームは {0?} 以上必要です。{1?} は小さすぎます。',
  'A volume can have at most {}; {} is too large.':
    'ボリュームは {0?} までです。{1?} は大きすぎます。',
  'Choose a quota such as 10 GiB.': '10 GiB のようなサイズにしてください。',
  "make the volume's folder": 'ボリュームのフォルダを作成する',
  "name the volume's folder": 'ボリュームのフォルダに名前を付ける',
  'open the new volume': '新しいボリュームを開く',
  "make the new volume's filesystem": '新しいボリュームのファイルシステムを作成する',
  "make a filesystem's identity": 'ファイルシステムの ID を作成する',
  'read-write': '読み書き',
  'read-only': '読み取り専用',
  'process {}': 'プロセス {}',
};
