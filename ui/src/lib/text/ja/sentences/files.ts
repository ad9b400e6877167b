/** The engine's sentences of looking at, copying and fetching files, in Japanese. */
import type { Sentences } from '../../sentences';

export const files: Sentences = {
  'read what was uploaded': 'アップロードされた内容を読む',
  '{what} is not what its checksum says: its SHA-256 is {self}, not {expected}.':
    '{what!}がチェックサムと一致しません。SHA-256 は {self} で、{expected} ではありません。',
  'Nothing was changed; send it again.': '何も変更していません。もう一度送ってください。',
  'There is nothing to put into the archive.': 'アーカイブに入れるものがありません。',
  "Name at least one file or folder; '/' is the whole volume.":
    'ファイルかフォルダを 1 つ以上指定してください。「/」はボリューム全体です。',
  "The archive would contain two things of the name '{path}'.":
    'アーカイブに「{path}」という名前のものが 2 つ入ることになります。',
  'Make two archives of them.': 'アーカイブを 2 つに分けてください。',
  "The folder '{path}' contains itself.": 'フォルダ「{path}」がそれ自身を含んでいます。',
  'The filesystem is damaged; go back to a checkpoint.':
    'ファイルシステムが壊れています。チェックポイントに戻してください。',
  ' and {more} more': ' ほか {more} 件',
  "Left out of the archive, because tar has no place for sockets: '{names}'{more}.":
    "tar にはソケットを入れられないため、アーカイブから除きました: '{names}'{more?}。",
  'The archive is not complete, because its receiver takes no more: {error}.':
    '受け取り側がこれ以上受け付けないため、アーカイブは不完全です: {error?}。',
  'it ended before its length': '示された長さより前に終わりました',
  "'{}' is not a folder, and {} files are to go there.":
    '「{0}」はフォルダではありません。そこへ {1} 個のファイルを入れようとしています。',
  "End the destination with '/' to have the folder made.":
    'コピー先の末尾を「/」にすると、フォルダが作成されます。',
  "Two of the files to copy would both become '{}'.":
    'コピーするファイルのうち 2 つが、どちらも「{}」になります。',
  'Copy them one after the other, to different folders.':
    '別々のフォルダに 1 つずつコピーしてください。',
  "There is a file '{}' already.": 'ファイル「{}」はすでにあります。',
  'Nothing was copied; choose to replace or to skip files that are there.':
    '何もコピーしていません。既存のファイルを置き換えるか、スキップするかを選んでください。',
  "'{}' would become {wanted}, but {there} of that name is there.":
    '「{}」は{wanted!}になりますが、同じ名前の{there?}があります。',
  'Nothing was copied; rename or delete one of them.':
    '何もコピーしていません。どちらかの名前を変えるか、削除してください。',
  "'{place}' is another than the one that was meant.":
    '「{place}」は、指定されたものとは別のものになっています。',
  "There is no '{place}' that could be the one that was meant.":
    '指定されたものにあたる「{place}」はありません。',
  'Nothing was written; look at what is there now.':
    '何も書き込んでいません。今そこにあるものを確認してください。',
  'There is nothing to copy.': 'コピーするものがありません。',
  'Name at least one file or folder.': 'ファイルかフォルダを 1 つ以上指定してください。',
  "'{path}' cannot be copied into itself.": '「{path}」をその中にコピーすることはできません。',
  'Name a place outside of it.': 'その外の場所を指定してください。',
  "'{from}' and where it is to go are the same.": '「{from}」とコピー先が同じです。',
  'Give the copy another name.': 'コピーに別の名前を付けてください。',
  'keep what was deleted': '削除されたものを残す',
  'there is no checkpoint': 'チェックポイントがありません',
  'be deleted': '削除',
  'There is nothing to delete.': '削除するものがありません。',
  'Name files or folders in the volume.': 'ボリューム内のファイルかフォルダを指定してください。',
  "'{first}' is being deleted": '「{first}」を削除しています',
  '{many} files and folders are being deleted': '{many} 個のファイルとフォルダを削除しています',
  "Could not delete '{path}': the folder is not empty.":
    '「{path}」を削除できません。フォルダが空ではありません。',
  'There is nothing to download.': 'ダウンロードするものがありません。',
  'note where files gather': 'ファイルを集める場所を記録する',
  'make a folder for the download': 'ダウンロード用のフォルダを作成する',
  'write the download to the disk': 'ダウンロードしたものをディスクに書き込む',
  'make a link': 'リンクを作成する',
  'write the file': 'ファイルに書き込む',
  'find the destination': '保存先を見つける',
  'look at the destination': '保存先を調べる',
  'The folder above {} is not there.': '{} の上のフォルダがありません。',
  'Make it first, or choose another destination.':
    '先にそのフォルダを作成するか、別の保存先を選んでください。',
  'make the destination': '保存先を作成する',
  'The download needs {}, and there are {} free at {}.':
    'ダウンロードには {0?} 必要ですが、{2} の空きは {1?} です。',
  'Nothing was copied; free some space, or choose another disk.':
    '何もコピーしていません。空きを増やすか、別のディスクを選んでください。',
  'set the permissions and times of a folder': 'フォルダのアクセス権と日時を設定する',
  'Cairn was closed.': 'Cairn は終了しました。',
  'Try again later; nothing was copied.': '何もコピーしていません。あとでもう一度お試しください。',
  'make a client of HTTP': 'HTTP クライアントを作成する',
  'Look at the address.': 'アドレスを確認してください。',
  'the server has another file there by now': 'サーバーのファイルが別のものに変わっています',
  'the server answered {status}': 'サーバーの応答は {status} でした',
  'write what was fetched': '取得した内容を書き込む',
  'the connection broke off': '接続が切れました',
  'Nothing was copied; let the volume grow, or free space.':
    '何もコピーしていません。ボリュームを拡大するか、空きを増やしてください。',
  'The file has {} or more, and the volume is smaller: {}.':
    'ファイルは {0?} 以上あり、ボリュームはそれより小さい {1?} です。',
  "The file has {}, and this computer's disk has {} free.":
    'ファイルは {0?} ありますが、このコンピュータのディスクの空きは {1?} です。',
  'read what was fetched': '取得した内容を読む',
  "'{}' is not the expected file: its SHA-256 is {found}, not {expected}.":
    '「{}」は期待されたファイルではありません。SHA-256 は {found} で、{expected} ではありません。',
  'Nothing was copied; look at the address and at the checksum.':
    '何もコピーしていません。アドレスとチェックサムを確認してください。',
  "Could not fetch '{}' from {host}: {why}.": '{host} から「{}」を取得できませんでした: {why?}。',
  'the server does not answer': 'サーバーが応答しません',
  'This is no address of a file on the web: {why}.':
    'ウェブ上のファイルのアドレスではありません: {why?}。',
  'Give one such as https://example.org/data.csv.':
    'https://example.org/data.csv のように指定してください。',
  'it is too long': '長すぎます',
  "'{}' is not http or https": '「{}」は http でも https でもありません',
  'it names no server': 'サーバーが含まれていません',
  'A SHA-256 has 64 hexadecimal digits.': 'SHA-256 は 16 進数 64 桁です。',
  "Give it as 'sha256sum' prints it, or leave it out.":
    '「sha256sum」の表示どおりに指定するか、省略してください。',
  "The machine '{}' has the volume '{}', and no guest agent that could change files in it.":
    'マシン「{0}」がボリューム「{1}」を使用中ですが、その中のファイルを変更できるゲストエージェントがありません。',
  'Install qemu-guest-agent in the guest, or unmount the volume first.':
    'ゲストに qemu-guest-agent をインストールするか、先にボリュームをアンマウントしてください。',
  'delete files': 'ファイルを削除する',
  "copy files into '{}' in '{}'": '「{1}」の「{0}」にファイルをコピーする',
  "The volume '{}' is not mounted at {} any more.":
    'ボリューム「{0}」はもう {1} にマウントされていません。',
  'Nothing was copied; try again.': '何もコピーしていません。もう一度お試しください。',
  'make a disk for what is uploaded': 'アップロード用のディスクを作成する',
  'fill a disk': 'ディスクに書き込む',
  'read what is to be uploaded': 'アップロードするものを読む',
  "look at the files of '{}' while the machine writes":
    'マシンが書き込み中の「{}」のファイルを見る',
  'read what the machine shows': 'マシンが見せているものを読む',
  'a folder': 'フォルダ',
  'a file': 'ファイル',
  'The content': '内容',
  'The file': 'ファイル',
  'The part': '送られた部分',
  copied: 'コピー',
  restored: '復元',
  unpacked: '展開',
  uploaded: 'アップロード',
  "read '{path}'": '「{path}」を読む',
  "read '{from}'": '「{from}」を読む',
  "read '{}'": '「{}」を読む',
  "list '{path}'": '「{path}」を一覧する',
  "delete '{path}'": '「{path}」を削除する',
};
