/** The engine's sentences of the store, its files and its layers, in Japanese. */
import type { Sentences } from '../../sentences';

export const store: Sentences = {
  "Free some space on this computer's disk and try again.":
    'このコンピュータのディスクの空きを増やして、もう一度お試しください。',
  'Check the owner and the permissions of that file or folder.':
    'そのファイルまたはフォルダの所有者とアクセス権を確認してください。',
  'Choose a folder on a disk that can be written to.':
    '書き込めるディスクのフォルダを選んでください。',
  'Could not {what} at {}: {}.': '{what!}ことができませんでした（{0}）: {1?}。',
  'Name a file that can be read.': '読み取れるファイルを指定してください。',
  'it gave no reason': '理由は示されていません',
  'Could not {what}: {error}.': '{what!}ことができませんでした: {error?}。',
  'Delete it with everything in it, if that is meant.':
    '中身ごと削除してよければ、そのように指定してください。',
  'Delete files from the volume, or grow it.':
    'ボリュームのファイルを削除するか、ボリュームを拡大してください。',
  'Go back to a checkpoint, or check the filesystem in a machine.':
    'チェックポイントに戻すか、マシンの中でファイルシステムを検査してください。',
  'Could not {what}: {}.': '{what!}ことができませんでした: {0?}。',
  'Start the machine.': 'マシンを起動してください。',
  'Stop the other program that has it open, or unmount it there, then try again.':
    'それを開いているほかのプログラムを終了するか、そこでアンマウントしてから、もう一度お試しください。',
  'Go back to a checkpoint, or restore the file from a backup.':
    'チェックポイントに戻すか、バックアップからファイルを復元してください。',
  'finish the operation': '処理を完了する',
  'This engine has been closed.': 'このエンジンはすでに終了しています。',
  "There is no volume '{volume}'.": 'ボリューム「{volume}」はありません。',
  'Look at the list of volumes for its name or id.': '名前や ID はボリュームの一覧で確認できます。',
  'it is damaged': '壊れています',
  'move the damaged index aside': '壊れたインデックスを退避する',
  'grow the volume': 'ボリュームを拡大する',
  "grow the volume's filesystem": 'ボリュームのファイルシステムを拡大する',
  'write the layer to the disk': '層をディスクに書き込む',
  'make a new layer': '新しい層を作成する',
  'name the new layer': '新しい層に名前を付ける',
  'make a base': 'ベースを作成する',
  'name the new base': '新しいベースに名前を付ける',
  'see whether the volume can grow': 'ボリュームを拡大できるか調べる',
  "The volume '{name}' of {now} cannot grow to {then}: {error}.":
    '{now?} のボリューム「{name}」は {then?} に拡大できません: {error?}。',
  'Choose a smaller size, or create a new volume and copy the files.':
    '小さいサイズにするか、新しいボリュームを作成してファイルをコピーしてください。',
  'look at the new layer': '新しい層を調べる',
  'the base does not stand on the layers that it was made on': 'ベースが元の層の上にありません',
  'open the volume': 'ボリュームを開く',
  "The layers of the volume '{}' do not stand on each other as its manifest says; somebody has changed {}.":
    'ボリューム「{0}」の層がマニフェストの記録どおりに重なっていません。誰かが {1} を変更しました。',
  'Restore the layer from a backup, or go back to another checkpoint.':
    'バックアップから層を復元するか、ほかのチェックポイントに戻してください。',
  'look at the layer': '層を調べる',
  'look for room that is not used': '使われていない領域を探す',
  "replay the filesystem's journal": 'ファイルシステムのジャーナルを再生する',
  'remove layers': '層を取り除く',
  'remove the layer': '層を取り除く',
  'At most {MOST_LINES} lines of the log are shown at once, not {}.':
    '一度に表示できるログは {MOST_LINES} 行までです（指定: {}）。',
  'Ask for fewer.': '行数を減らしてください。',
  'read the log': 'ログを読む',
  'its head {} is not among its layers': '先頭の層 {} が層の一覧にありません',
  'layer {id} stands on {parent}, which is not among its layers':
    '層 {id} の下の {parent} が層の一覧にありません',
  'layer {id} stands on itself': '層 {id} がそれ自身の上にあります',
  "checkpoint '{}' has no layer": 'チェックポイント「{}」に層がありません',
  "write the volume's manifest": 'ボリュームのマニフェストを書き込む',
  "The manifest of the volume '{}' was damaged ({damage}) and has been restored from the generation before it.":
    'ボリューム「{}」のマニフェストが壊れていたため（{damage?}）、1 つ前の版から復元しました。',
  'The manifest at {} is damaged ({damage}), and so is the generation before it.':
    'マニフェスト {} が壊れており（{damage?}）、1 つ前の版も壊れています。',
  'Its layers are untouched; restore manifest.json from a backup.':
    '層は無事です。manifest.json をバックアップから復元してください。',
  'a newer Cairn wrote it (format {format})': '新しい Cairn が書き込んだものです（形式 {format}）',
  'write a manifest': 'マニフェストを書き込む',
  'it is missing': 'ありません',
  'its checksum is wrong': 'チェックサムが正しくありません',
  'it belongs to {}': '{} のものです',
  'put the damaged manifest aside': '壊れたマニフェストを退避する',
  'The cursor is none of this list.': 'このカーソルはこの一覧のものではありません。',
  'Give the next_cursor of the page before, or begin without one.':
    '前のページの next_cursor を指定するか、指定せずに始めてください。',
  'The index did not open. It has been moved to {} and {}; nothing is lost.':
    'インデックスを開けませんでした。{0} に移しました（{1?}）。失われたものはありません。',
  'is being rebuilt': '作り直しています',
  'cannot be rebuilt now': '今は作り直せません',
  "read the store's volumes": 'ストアのボリュームを読む',
  'remove an unfinished volume': '未完成のボリュームを取り除く',
  'The volume {id} cannot be used. {error}': 'ボリューム {id} は使えません。{error?}',
  "The layer {} of the volume '{}' is missing.": 'ボリューム「{1}」の層 {0} がありません。',
  'Put it back from a backup; the other files of the volume are untouched.':
    'バックアップから戻してください。ボリュームのほかのファイルは無事です。',
  "What was interrupted on the volume '{name}' could not be finished.":
    'ボリューム「{name}」で中断された処理を完了できませんでした。',
  "{} lies in the folder of the volume '{}' and is no layer of it. It is left alone; `cairn repair` adopts it when it fits.":
    '{0} はボリューム「{1}」のフォルダにありますが、その層ではありません。そのまま残しています。合う場合は `cairn repair` で取り込めます。',
  "find the store's folder": 'ストアのフォルダを見つける',
  "make the store's folder": 'ストアのフォルダを作成する',
  "read the store's folder": 'ストアのフォルダを読む',
  "{} is not a Cairn store and not empty: '{}' is in it.":
    '{0} は Cairn のストアではなく、空でもありません（「{1}」があります）。',
  'Choose an empty or a new folder.': '空のフォルダか新しいフォルダを選んでください。',
  "make the store's folder private": 'ストアのフォルダを非公開にする',
  "open the store's lock": 'ストアのロックを開く',
  'lock the store': 'ストアをロックする',
  "write the store's lock": 'ストアのロックに書き込む',
  'another process': '別のプロセス',
  'The store at {} is in use by {holder}.': 'ストア {} は使用中です（{holder?}）。',
  'Close that Cairn first, or choose another store.':
    '先にその Cairn を終了するか、別のストアを選んでください。',
  'Restore it from a backup, or choose another store; the volumes in it are untouched.':
    'バックアップから復元するか、別のストアを選んでください。中のボリュームは無事です。',
  "write the store's file": 'ストアのファイルに書き込む',
  "read the store's file": 'ストアのファイルを読む',
  '{} was written by a newer Cairn (format {format}, this one knows {FORMAT}).':
    '{} は新しい Cairn が書き込んだものです（形式 {format}、この版は {FORMAT} まで）。',
  'Install the newest Cairn and open the store with it.':
    '最新の Cairn をインストールして、ストアを開いてください。',
  'This is a defect in Cairn; please report it with the log.':
    'Cairn の不具合です。ログを添えて報告してください。',
  'make a store id': 'ストアの ID を作成する',
};
