/** 同期するフォルダーと、展開するアーカイブの文言。 */
import type { Messages } from '../en';

export const watch: Messages['watch'] = {
  action: 'フォルダーを同期…',
  card: '監視中のフォルダー',
  none: 'このボリュームに同期しているフォルダーはありません。',
  add: 'フォルダーを同期…',
  title: (volume) => `フォルダーを「${volume}」に同期`,
  body: 'フォルダーで変わったものは、再起動後も自動でボリュームに入ります。一方向で、フォルダーのファイルが優先されます。マシンがボリュームを使っている間は休み、あとで追いつきます。',
  folder: 'フォルダー',
  folderHint: 'Cairn が動いているコンピューター上',
  folderEmpty: 'フォルダーを選んでください(例: /home/ada/project)。',
  folderRelative: 'フォルダーのパスは「/」で始めてください。',
  place: 'ボリュームのフォルダー',
  placeHint: 'なければ作ります。空なら最上位のフォルダーです',
  ignore: '除外するもの',
  ignoreHint:
    '1 行に 1 パターン(.gitignore の書き方)。フォルダー内の .gitignore も有効で、.git は除外されます。',
  delete: 'フォルダーで削除したものをボリュームでも削除する',
  deleteHint: 'このフォルダーから入ったものだけ',
  submit: '同期する',
  added: (folder) => `${folder} の同期を始めました。`,
  removed: (folder) => `${folder} の監視をやめました。入ったものはそのまま残ります。`,
  remove: (folder) => `${folder} の同期をやめる`,
  into: (place) => `→ ${place}`,
  deletes: '削除も反映',
  items: (count) => `${count.toLocaleString('ja')} 項目`,
  synced: (ago) => `同期: ${ago}`,
  states: {
    watching: '同期済み',
    syncing: '同期中',
    paused: '休止中',
    error: '未同期',
  },
};

export const unpack: Messages['unpack'] = {
  title: (name) => `「${name}」をここに展開しますか?`,
  body: (place) =>
    `アーカイブの中身がすべて ${place} に入るか、何も入らないかのどちらかです。ファイルのまま置くこともできます。`,
  conflict: '同じ名前のファイルがある場合',
  conflicts: {
    skip: 'そのまま残す',
    replace: '置き換える',
    fail: '展開しない',
  },
  asFile: 'ファイルのまま置く',
  submit: '展開',
};
