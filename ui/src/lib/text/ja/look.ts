/** Japanese texts of what one sees when one looks at a file. */
import type { Messages } from '../en';

export const look: Messages['look'] = {
  image: (name) => `画像「${name}」`,
  text: (name) => `「${name}」の先頭`,
  binary: 'テキストでも画像でもありません。先頭のバイトを表示しています。',
  cut: (shown) => `先頭の ${shown} を表示しています。`,
  tooLarge: (size) =>
    `${size} を超える画像はここには表示されません。ダウンロードしてご覧ください。`,
  brokenImage: 'この画像は表示できません。壊れているか、未知の形式です。',
  empty: '中身は空です。',
  previous: '前へ',
  next: '次へ',
  properties: 'プロパティ',
  kind: '種類',
  size: 'サイズ',
  where: '場所',
  modified: '変更日',
  permissions: 'アクセス権',
  owner: '所有者',
  ownerIds: (user, group) => `ユーザー ${user}、グループ ${group}`,
  target: 'リンク先',
  bytes: (count) => `${count} バイト`,
  top: '最上位フォルダ',
};
