/** ゴミ箱と、ファイルとの間でやり取りするボリュームの文言。 */
import type { Messages } from '../en';

const days = (n: number) => `${n} 日間`;

export const trash: Messages['trash'] = {
  title: 'ゴミ箱',
  undo: '元に戻す',
  inTrash: 'ゴミ箱にあります。',
  back: (name) => `「${name}」を元に戻しました。`,
  body: (n) => `削除したボリュームは ${n} 日間、元に戻せます。`,
  emptyListTitle: 'ゴミ箱は空です',
  emptyListBody: '削除したボリュームは数日間ここに残り、そのまま元に戻せます。',
  deleted: (time) => `削除: ${time}`,
  goes: (time) => `完全に削除: ${time}`,
  onDisk: (size) => `ディスク上 ${size}`,
  checkpoints: (n) => `チェックポイント ${n} 個`,
  undelete: '元に戻す',
  undeleteLabel: (name) => `「${name}」を元に戻す`,
  remove: '完全に削除',
  removeLabel: (name) => `「${name}」を完全に削除`,
  removeTitle: (name) => `「${name}」を完全に削除しますか?`,
  removeBody: (size) =>
    `ファイルとチェックポイントは失われ、このコンピューターのディスクに ${size} の空きができます。元に戻せません。`,
  empty: 'ゴミ箱を空にする',
  emptyTitle: (n) => `${n} 個のボリュームを完全に削除しますか?`,
  emptyBody: 'ファイルとチェックポイントは失われます。元に戻せません。',
  keep: '削除したボリュームを残す期間',
  days,
};

export const exchange: Messages['exchange'] = {
  import: 'ボリュームを読み込む…',
  importTitle: 'ボリュームを読み込む',
  importBody:
    'ext4 ファイルシステムを含むディスクイメージ(raw、qcow2、vmdk、vdi、vhdx)またはアーカイブ(tar、tar.gz、zip)から新しいボリュームを作ります。元のファイルはそのままです。',
  file: 'イメージまたはアーカイブ',
  fileHint: 'Cairn が動いているコンピューター上のファイル',
  fileHintBrowser: 'Cairn が動いているコンピューター上のファイル。手元のファイルも選べます',
  fileSent: (size) => `手元の ${size} をまず Cairn に送ります`,
  fileEmpty: 'ファイルを選んでください(例: /home/ada/disk.vmdk)。',
  fileRelative: 'ファイルのパスは「/」で始めてください。',
  choose: '選択…',
  name: 'ボリュームの名前',
  partition: 'パーティション',
  partitionHint: 'イメージの複数のパーティションに ext4 がある場合のみ',
  partitionWrong: '1 以上の整数を入力するか、空にしてください。',
  importSubmit: '読み込む',
  importing: (name) => `「${name}」を読み込んでいます。`,
  imported: (name) => `「${name}」の準備ができました。`,
  export: '書き出す…',
  exportTitle: (name) => `「${name}」を書き出す`,
  exportBody: 'ボリュームの内容を、ほかのプログラムで読める 1 つのファイルに書き出します。',
  what: '対象',
  present: '現在',
  format: '形式',
  formats: {
    qcow2: { label: 'qcow2', hint: '使用分だけを占める QEMU 用のディスクイメージ。' },
    raw: { label: 'Raw', hint: 'ディスクのバイト列そのもの(穴あき)。どのプログラムでも使えます。' },
    tar: { label: 'tar', hint: '所有者・権限・リンクを含むファイルのアーカイブ。' },
  },
  to: 'ファイル',
  toHint: 'Cairn が動いているコンピューター上。既存のファイルは置き換えません',
  exportSubmit: '書き出す',
  exporting: (name) => `「${name}」を書き出しています。`,
  drop: (name) => `${name} を新しいボリュームとして読み込む`,
};

export const fetch: Messages['fetch'] = {
  action: 'ウェブから…',
  title: 'ウェブのファイルを追加',
  body: (place) => `${place} にコピーします。接続が切れた場合は途中から再開します。`,
  url: 'アドレス',
  urlEmpty: 'ファイルのアドレスを入力してください(例: https://example.org/data.csv)。',
  urlWrong: 'アドレスは https:// または http:// で始めてください。',
  sum: 'SHA-256(任意)',
  sumHint: '期待と異なるファイルはコピーしません',
  sumWrong: 'SHA-256 は 16 進数 64 桁です。',
  unpack: '展開する',
  unpackHint: 'アーカイブの中身がすべてフォルダーに入るか、何も入らないかのどちらかです',
  submit: '追加',
};

export const paste: Messages['paste'] = {
  action: 'クリップボードから',
  nothing: 'クリップボードにファイルにできるものがありません。',
  names: { text: '貼り付けたテキスト.txt', image: '貼り付けた画像.png' },
};
