/** The engine's sentences of watched folders, in Japanese. */
import type { Sentences } from '../../sentences';

export const watches: Sentences = {
  '{MOST} folders are watched already.': 'すでに {MOST} 個のフォルダを監視しています。',
  'Watch a folder that they are all in.': 'それらを含む 1 つのフォルダを監視してください。',
  "the volume's root": 'ボリュームの最上位',
  '{} is kept in step into {there} already.': '{} はすでに {there?} に同期されています。',
  'Choose another folder of the volume, or stop watching that one.':
    'ボリュームの別のフォルダを選ぶか、その監視をやめてください。',
  "{} has Cairn's own store in it, or is in that.":
    '{} は Cairn のストアを含むか、その中にあります。',
  'Watch another folder.': '別のフォルダを監視してください。',
  'There is no folder {} on this computer.': 'このコンピュータにフォルダ {} はありません。',
  'Name a folder that is there.': '存在するフォルダを指定してください。',
  'look at the folder': 'フォルダを調べる',
  '{} is not a folder, so it cannot be watched.': '{} はフォルダではないため、監視できません。',
  'Name the folder that it is in.': 'それが入っているフォルダを指定してください。',
  'The name of {} is not UTF-8.': '{} の名前が UTF-8 ではありません。',
  'Rename it, or watch another folder.': '名前を変えるか、別のフォルダを監視してください。',
  'There are more than {MOST_PATTERNS} patterns, or one is very long.':
    'パターンが {MOST_PATTERNS} 個を超えているか、非常に長いものがあります。',
  'Write them into a file .gitignore in the folder.': 'フォルダの .gitignore に書いてください。',
  "There is no watched folder '{watch}'.": '監視中のフォルダ「{watch}」はありません。',
  "Look at the list of the volume's watched folders for its id.":
    'ID はボリュームの監視中フォルダの一覧で確認できます。',
  'look at a watched file': '監視中のファイルを調べる',
  '{} has more than {MOST} files, folders and links.':
    '{} にはファイル、フォルダ、リンクが {MOST} 個より多くあります。',
  'Leave some of them out with patterns, or watch folders in it.':
    'パターンで一部を除外するか、中のフォルダを監視してください。',
  'read a watched link': '監視中のリンクを読む',
  'Nothing was changed in the volume; put the folder back, or stop watching it.':
    'ボリュームでは何も変更していません。フォルダを元に戻すか、監視をやめてください。',
  'look at the watched folder': '監視中のフォルダを調べる',
  '{} is empty now, as where a disk belongs that is not there.':
    '{} は今は空です。ディスクが接続されていない可能性があります。',
  'Nothing was deleted in the volume; delete it there by hand if that is meant.':
    'ボリュームでは何も削除していません。削除する場合は、ボリュームで直接行ってください。',
  'The folder is not watched any more.': 'このフォルダはもう監視されていません。',
  'kept in step': '同期',
  'Copying was cancelled.': 'コピーはキャンセルされました。',
  'It is begun again when something changes.': '何か変わると、また始まります。',
  'keep a folder in step': 'フォルダを同期する',
  "the volume's root would be deleted": 'ボリュームの最上位が削除されることになります',
  'read the watched folders': '監視中のフォルダの一覧を読む',
  ' It is now {}.': '一覧は {} に移しました。',
  'The list of watched folders is damaged ({error}); no folder is watched.{kept}':
    '監視中のフォルダの一覧が壊れています（{error}）。どのフォルダも監視していません。{kept?}',
  'write the watched folders': '監視中のフォルダの一覧を書き込む',
  'note what a folder has brought': 'フォルダから入ったものを記録する',
  "'{pattern}' is no pattern: {error}.": '「{pattern}」はパターンではありません: {error?}。',
  "Write it as in a file .gitignore: 'target/', '*.log', '!keep.log'.":
    ".gitignore のように書いてください: 'target/'、'*.log'、'!keep.log'。",
  'A pattern has more than one line.': 'パターンが複数行になっています。',
  'Give each pattern by itself.': 'パターンは 1 つずつ指定してください。',
  'all of them together': 'すべて合わせると',
  'this computer watches no more folders (fs.inotify.max_user_watches)':
    'このコンピュータではこれ以上のフォルダを監視できません（fs.inotify.max_user_watches）',
  'Changes are seen once a minute only: {why}.': '変更の検出は 1 分に 1 回だけになります: {why?}。',
  '{} is not a folder any more.': '{} はもうフォルダではありません。',
  '{} is not there any more.': '{} はもうありません。',
};
