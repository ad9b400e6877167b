/** The engine's sentences of the desktop shell and the server, in Japanese. */
import type { Sentences } from '../../sentences';

export const shell: Sentences = {
  "A machine is reached by the QMP socket of its QEMU or as a domain of libvirt's.":
    'マシンには QEMU の QMP ソケットか、libvirt のドメインとして接続します。',
  "Give either 'qmp', perhaps with 'agent', or 'libvirt'.":
    "'qmp'（必要なら 'agent' も）か 'libvirt' を指定してください。",
  "A machine's volume has neither an id nor a name.":
    'マシンのボリュームに ID も名前もありません。',
  'Give the field volume_id or name.': 'volume_id か name を指定してください。',
  'A machine boots from an image or from a snapshot, not from both.':
    'マシンはイメージかスナップショットのどちらか一方から起動します。',
  'There is no home folder to note it in.': '記録するホームフォルダがありません。',
  'Set HOME and start Cairn again.': 'HOME を設定して、Cairn を起動し直してください。',
  '{} could not be changed: {error}.': '{} を変更できませんでした: {error?}。',
  'Look at the permissions of that folder.': 'そのフォルダのアクセス権を確認してください。',
  'The clipboard could not be asked: {error}.': 'クリップボードを読めませんでした: {error?}。',
  'The clipboard holds something else by now; nothing was put into the volume.':
    'クリップボードの内容が変わっています。ボリュームには何も入れていません。',
  'Copy it once more, and paste again.': 'もう一度コピーして、貼り付けてください。',
  'No file dialog could be opened: neither an XDG desktop portal nor zenity is there.':
    'ファイルダイアログを開けません。XDG デスクトップポータルも zenity もありません。',
  'Install xdg-desktop-portal or zenity, or drop the files onto the window.':
    'xdg-desktop-portal か zenity をインストールするか、ファイルをウインドウにドロップしてください。',
  "The name of '{}' is not valid UTF-8.": '「{}」の名前が正しい UTF-8 ではありません。',
  'Rename it, or choose the folder that it lies in.':
    '名前を変えるか、それが入っているフォルダを選んでください。',
  "'{path}' could not be read: {error}.": '「{path}」を読めませんでした: {error?}。',
  "The language '{language}' is not spoken here.": '言語「{language}」には対応していません。',
  'Choose one of: en, de, ja.': '次から選んでください: en、de、ja。',
  'It holds now, but could not be remembered for the next start: {why}.':
    '今は有効ですが、次の起動のために記録できませんでした: {why?}。',
  "The key '{}' may only read.": 'キー「{}」では読み取りしかできません。',
  "Use a key with the scope 'full', or have its owner create one.":
    '範囲が「full」のキーを使うか、所有者に作成してもらってください。',
  "The time of the key '{}' is over.": 'キー「{}」の期限が切れています。',
  "Have its owner create a new one with 'cairn key create'.":
    "所有者に 'cairn key create' で新しく作成してもらってください。",
  "The API key is not this server's.": 'この API キーはこのサーバーのものではありません。',
  'The request carries no API key.': '要求に API キーがありません。',
  "Send the key that stands in the store's file run/api-key, or one of 'cairn key create', as X-API-Key.":
    "ストアの run/api-key にあるキーか、'cairn key create' で作成したキーを X-API-Key で送ってください。",
  'The server is answering as many requests as it takes at once.':
    'サーバーが一度に処理できる要求の上限に達しています。',
  'Try again in a moment.': '少し待ってもう一度お試しください。',
  "The request's body broke off: {error}.": '送信が途中で切れました: {error?}。',
  'it came in too slowly for {} seconds': '{} 秒間、届くのが遅すぎました',
  "The request's body is larger than the {} MiB that this route takes.":
    '送られた内容が、受け付けられる {} MiB を超えています。',
  "'{path}' has {size} bytes, and none of those in Range.":
    '「{path}」は {size} バイトで、要求された範囲はありません。',
  "'{path}' is another than the one in If-Match or If-Unmodified-Since.":
    '「{path}」は別のファイルに変わっています。',
  'Get it as it is now, without that header.': '現在のものを取得してください。',
  'Something in Cairn broke while {doing}.': 'Cairn の内部で問題が起きました（{doing}）。',
  "The store's log says more; please report it.":
    '詳しくはストアのログにあります。報告してください。',
  "'{path}' is not an absolute path on this machine.":
    '「{path}」はこのコンピュータの絶対パスではありません。',
  "'{}' is not an absolute path on this machine.":
    '「{}」はこのコンピュータの絶対パスではありません。',
  "The volume '{volume}' is not mounted at '{path}' in the machine '{}'.":
    'ボリューム「{volume}」はマシン「{}」の「{path}」にマウントされていません。',
  'List the mounts to see what is where.': 'マウントの一覧で確認できます。',
  "This server answers requests for 'localhost' only; the request's Host header names another.":
    'このサーバーは「localhost」への要求にだけ応じます。要求は別のホストを指しています。',
  "The request's Host header is neither an address nor a name that this server was told it has.":
    '要求のホストが、このサーバーのアドレスでも名前でもありません。',
  "This server answers no requests of other sites' pages; the request's Origin header names one.":
    'このサーバーは、ほかのサイトのページからの要求には応じません。',
  'Other computers are served over TLS only, and {} is not a loopback address.':
    'ほかのコンピュータには TLS でのみ応じます。{} はループバックアドレスではありません。',
  'Add --tls for a certificate that Cairn generates, or --tls-cert and --tls-key for one of yours; or listen on 127.0.0.1 and reach it through an SSH tunnel.':
    'Cairn が作成する証明書なら --tls、自分のものなら --tls-cert と --tls-key を付けてください。または 127.0.0.1 で待ち受け、SSH トンネルで接続してください。',
  "There is no built web UI in '{}': it has no index.html.":
    '「{}」にビルド済みのウェブ UI がありません（index.html がありません）。',
  'Build the UI first, or name another folder.':
    '先に UI をビルドするか、別のフォルダを指定してください。',
  'The address {addr} is in use by another program.':
    'アドレス {addr} はほかのプログラムが使用中です。',
  'Choose another port, or port 0 for a free one.':
    '別のポートを選ぶか、空いているものを使うなら 0 にしてください。',
  'The address {addr} cannot be listened on: {error}.':
    'アドレス {addr} では待ち受けられません: {error?}。',
};
