/** Japanese texts of the timeline, and of volumes that begin in it. */
import type { Messages } from '../en';

export const branch: Messages['branch'] = {
  action: 'ここから新規ボリューム…',
  clone: '複製…',
  suggestion: (name) => `${name} のコピー`,
  title: (name) => `「${name}」から新規ボリューム`,
  titleNow: (name) => `「${name}」を複製`,
  body: 'すぐにでき、どちらかが変わるまで容量を使いません。共通の部分は共有し、それぞれ独立に変わっていきます。',
  submit: 'ボリュームを作成',
};

export const timeline: Messages['timeline'] = {
  label: 'チェックポイント',
  now: '現在',
  nowBody: (used) => `${used} 使用中`,
  nowFrom: (name) => `「${name}」から続く`,
  createLabel: '新しいチェックポイントの名前',
  createPlaceholder: 'この時点の名前 (省略可)',
  create: '今すぐチェックポイント',
  open: 'チェックポイント…',
  automatic: '自動',
  automaticHint: 'Cairn が作成しました。過去に戻る前か、ボリュームの規則によるものです。',
  crash: 'クラッシュ整合',
  crashHint: 'マシンの書き込み中に作成されました。停電の後と同じ状態です。',
  current: '最新',
  browse: '中を見る',
  browseLabel: (name) => `中を見る: 「${name}」の時点のファイル`,
  restore: 'ここに戻る…',
  restoreLabel: (name) => `ここに戻る… 「${name}」`,
  mount: 'マウント…',
  restoreTitle: (name) => `「${name}」に戻りますか?`,
  restoreBody: (when) =>
    `ボリュームのファイルは${when}の状態になります。何も失われません。現在の状態は、まだチェックポイントになければ自動的に残され、いつでも戻れます。`,
  restoreSubmit: '戻る',
  restored: (name) => `「${name}」に戻りました。それまでの状態はタイムラインに残っています。`,
  deleteTitle: (name) => `チェックポイント「${name}」を削除しますか?`,
  deleteBody: 'この時点には戻れなくなります。現在とほかのチェックポイントはそのまま残ります。',
  created: (name) => `チェックポイント「${name}」を作成しました。`,
  emptyTitle: 'チェックポイントはまだありません',
  emptyBody:
    'チェックポイントはこの瞬間をそのまま残します。時間も容量もほとんどかからず、いつでも戻れます。',
  graph: (count) => `${count} 個のチェックポイントのタイムライン、新しい順`,
  branch: (name) => `「${name}」から分岐`,
  unchanged: '変更なし',
  changes: {
    added: (n) => `追加 ${n.toLocaleString('ja')} 件`,
    removed: (n) => `削除 ${n.toLocaleString('ja')} 件`,
    changed: (n) => `変更 ${n.toLocaleString('ja')} 件`,
    renamed: (n) => `名前変更 ${n.toLocaleString('ja')} 件`,
  },
  changed: (counts, names) => `${counts}: ${names}`,
  failedTitle: 'チェックポイントを読み込めません',
};
