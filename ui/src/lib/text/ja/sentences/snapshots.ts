/** The engine's sentences of how machines start and end, and of snapshots, in Japanese. */
import type { Sentences } from '../../sentences';

export const snapshots: Sentences = {
  'look at the image': 'イメージを調べる',
  "read the store's machines": 'ストアのマシンを読む',
  'The machine {id} cannot be used. {error}': 'マシン {id} は使えません。{error?}',
  "read the machine's record": 'マシンの記録を読む',
  '{} cannot be understood: {e}.': '{} の内容を理解できません: {e}。',
  "Delete the machine's folder; volumes are not in it.":
    'マシンのフォルダを削除してください。ボリュームは含まれていません。',
  '{} belongs to {}.': '{0} は {1} のものです。',
  "make the machine's folder": 'マシンのフォルダを作成する',
  "delete the machine's folder": 'マシンのフォルダを削除する',
  "write the machine's record": 'マシンの記録を書き込む',
  "There is no machine '{vm}'.": 'マシン「{vm}」はありません。',
  'Look at the list of machines for its name or id.': '名前や ID はマシンの一覧で確認できます。',
  "The session disk {} of the machine '{}' is missing.":
    'マシン「{1}」の専用ディスク {0} がありません。',
  'Put it back from a backup, or create the machine anew.':
    'バックアップから戻すか、マシンを作り直してください。',
  'make a session disk': '専用ディスクを作成する',
  'Put the image back to where it was.': 'イメージを元の場所に戻してください。',
  'The image {} has been changed since something was put on top of it.':
    'イメージ {} は、その上に重ねた後で変更されています。',
  'Put the image back as it was; with another one below it, the disk would make no sense.':
    'イメージを元どおりに戻してください。別のイメージの上では、ディスクの内容が意味をなしません。',
  "start the machine '{}'": 'マシン「{}」を起動する',
  "The machine '{}' did not shut down and is stopped by force.":
    'マシン「{}」がシャットダウンしないため、強制停止します。',
  "The machine '{}' has no disk of its own to make a snapshot of.":
    'マシン「{}」には、スナップショットにする専用ディスクがありません。',
  'Keep what matters on a volume.': '大切なものはボリュームに保存してください。',
  "ask the machine '{}'": 'マシン「{}」に問い合わせる',
  'it is being tidied up': '後片付けをしています',
  "The snapshot '{}' is what {} on.": 'スナップショット「{0}」を使用中: {1?}。',
  'Delete what stands on it first, or stop a machine whose session disk does.':
    '先にそれを使っているものを削除するか、専用ディスクが使っているマシンを停止してください。',
  "the machine '{}'": 'マシン「{}」',
  "the snapshot '{}'": 'スナップショット「{}」',
  '{} and {last} stand': '{0?}と{last?}',
  'nothing stands': 'なし',
  'delete the snapshot': 'スナップショットを削除する',
  "An earlier snapshot of the machine '{}' is not finished.":
    'マシン「{}」の以前のスナップショットが完了していません。',
  'Look into the notices, or stop the machine.':
    'メッセージを確認するか、マシンを停止してください。',
  "The machine '{}' cannot be reached.": 'マシン「{}」に接続できません。',
  "make a snapshot's id": 'スナップショットの ID を作成する',
  "take a snapshot of '{}'": '「{}」のスナップショットを作成する',
  'remove an overlay that is not needed': '不要なオーバーレイを取り除く',
  "A snapshot of the machine '{}' could not be finished or undone.":
    'マシン「{}」のスナップショットを完了も取り消しもできませんでした。',
  "The machine '{name}' has no disk of its own.": 'マシン「{name}」に専用ディスクはありません。',
  'What is to be kept belongs on a volume.': '残したいものはボリュームに入れてください。',
  "The machine '{name}' has no session disk now: it is not running.":
    'マシン「{name}」は動いていないため、専用ディスクがありません。',
  "make the snapshot's folder": 'スナップショットのフォルダを作成する',
  'make the session disk a snapshot': '専用ディスクをスナップショットにする',
  'write the snapshot to the disk': 'スナップショットをディスクに書き込む',
  'give the snapshot its place': 'スナップショットを所定の場所に置く',
  "There is a snapshot '{name}' already.": 'スナップショット「{name}」はすでにあります。',
  'make a name from the time': '時刻から名前を作成する',
  "write the snapshot's record": 'スナップショットの記録を書き込む',
  "read the snapshot's record": 'スナップショットの記録を読む',
  'Put it back from a backup; its disk is beside it.':
    'バックアップから戻してください。ディスクはその隣にあります。',
  "read the store's snapshots": 'ストアのスナップショットを読む',
  "There is no snapshot '{snapshot}'.": 'スナップショット「{snapshot}」はありません。',
  'Look at the list of snapshots for its name or id.':
    '名前や ID はスナップショットの一覧で確認できます。',
};
