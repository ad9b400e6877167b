/** The engine's sentences of what is written into a volume, in Japanese. */
import type { Sentences } from '../../sentences';

export const uploads: Sentences = {
  "The path '{shown}' {why}.": 'パス「{shown}」は{why?}。',
  "Give a path from the volume's root, such as 'photos/2026/cat.jpg'.":
    '「photos/2026/cat.jpg」のように、ボリュームの最上位からのパスを指定してください。',
  'contains a NUL byte': 'NUL バイトを含んでいます',
  'is longer than {MAX_PATH_BYTES} bytes': '{MAX_PATH_BYTES} バイトより長いです',
  'has an empty name in it': '空の名前を含んでいます',
  "must not contain '.' or '..' as a name": '「.」や「..」を名前として含められません',
  'has a name of more than {MAX_NAME_BYTES} bytes in it':
    '{MAX_NAME_BYTES} バイトを超える名前を含んでいます',
  "The volume contains a file called '{shown}', which is not a name; it was made to do harm, or is damaged.":
    'ボリュームに「{shown}」というファイルがありますが、名前として正しくありません。悪意を持って作られたか、壊れています。',
  'Download other files one by one, and check the filesystem in a machine.':
    'ほかのファイルを 1 つずつダウンロードし、マシンの中でファイルシステムを検査してください。',
  'put what was downloaded in its place': 'ダウンロードしたものを所定の場所に置く',
  "The folder '{path}' can be reached in two ways.":
    'フォルダ「{path}」に 2 通りの経路があります。',
  '{} is not there (any more).': '{} が（もう）ありません。',
  'Nothing was copied; choose what to upload again.':
    '何もコピーしていません。アップロードするものをもう一度選んでください。',
  'More than 4,294,967,295 files cannot be copied at once.':
    '一度にコピーできるファイルは 4,294,967,295 個までです。',
  'Copy fewer folders at a time.': '一度にコピーするフォルダを減らしてください。',
  "'{path}' is a folder.": '「{path}」はフォルダです。',
  'Download the folder instead, or name a file in it.':
    'フォルダをダウンロードするか、その中のファイルを指定してください。',
  'There is nothing to restore.': '元に戻すものがありません。',
  'Nothing was copied; delete files from the volume, or grow it.':
    '何もコピーしていません。ボリュームのファイルを削除するか、ボリュームを拡大してください。',
  "The upload needs {}, and the volume '{volume}' has {free} free.":
    '{0?} 必要ですが、ボリューム「{volume}」の空きは {free?} です。',
  "The upload needs {}, and this computer's disk has {} free.":
    '{0?} 必要ですが、このコンピュータのディスクの空きは {1?} です。',
  'Nothing was copied; free some space there.':
    '何もコピーしていません。そこの空きを増やしてください。',
  "The upload has {files} files and folders, and '{volume}' has room for {room} more.":
    '{files} 個のファイルとフォルダがありますが、「{volume}」に入るのはあと {room} 個です。',
  "make a transfer's id": '転送の ID を作成する',
  "'{text}' is not the name of a file.": '「{text}」はファイル名ではありません。',
  'Send the name that the file has, without the folder that it is in.':
    'フォルダを付けずに、ファイルの名前だけを送ってください。',
  'write what is sent': '送られた内容を書き込む',
  "'{name}' has {}, and this computer's disk has {} free.":
    '「{name}」は {0?} ありますが、このコンピュータのディスクの空きは {1?} です。',
  'Nothing was stored; free some space there.':
    '何も保存していません。そこの空きを増やしてください。',
  "'{name}' did not come as a whole: {}.": '「{name}」は最後まで届きませんでした: {0?}。',
  'Nothing was kept; send it again.': '何も残していません。もう一度送ってください。',
  "'{name}' was to have {}, and {} came.": '「{name}」は {0?} のはずですが、届いたのは {1?} です。',
  'make a name for a file': 'ファイルの名前を作成する',
  'keep what comes slowly': 'ゆっくり届くものを保存する',
  "Somebody else is sending '{path}' just now.": 'ほかの誰かが「{path}」を送信中です。',
  'Try again in a moment; a connection that was lost is given up after half a minute.':
    '少し待ってもう一度お試しください。切れた接続は 30 秒で破棄されます。',
  'be written to': '書き込み',
  'The volume has {MOST} unfinished uploads already.':
    'ボリュームには未完了のアップロードがすでに {MOST} 個あります。',
  'Go on with them, or forget some.': '続けるか、いくつかを破棄してください。',
  'The part reaches beyond the end of its file.': '送られた部分がファイルの終わりを越えています。',
  "There is no unfinished upload of '{path}'.": '「{path}」の未完了のアップロードはありません。',
  'Begin at its first byte.': '最初のバイトから始めてください。',
  "'{title}' has {}, and {why}.": '「{title}」は {0?} あります。{why?}。',
  'Nothing was stored; let the volume grow, or free space.':
    '何も保存していません。ボリュームを拡大するか、空きを増やしてください。',
  'the volume is smaller: {}': 'ボリュームはそれより小さい {0?} です',
  "has to lie on this computer's disk twice for a while, which has {} free":
    '一時的にこのコンピュータのディスクに 2 つ分必要ですが、空きは {0?} です',
  'stage an upload': 'アップロードを一時保存する',
  'More came than the part was said to have.': '示された長さより多く届きました。',
  'Less came than the part was said to have.': '示された長さより少なく届きました。',
  'What came is kept; go on behind it.': '届いた分は残っています。その続きから送ってください。',
  'flush an upload': 'アップロードをディスクに書き出す',
  'its thread broke': 'スレッドが異常終了しました',
  'The upload broke off behind {at} of {} bytes: {error}.':
    'アップロードは {} バイト中 {at} バイトで途切れました: {error?}。',
  'What has come is kept; go on behind it.': '届いた分は残っています。その続きから送ってください。',
  'read what is known of an upload': 'アップロードの記録を読む',
  'What is known of an upload cannot be read at {}: {error}.':
    'アップロードの記録を読めません（{}）: {error?}。',
  'Forget it, and send the file again.': 'それを破棄して、ファイルをもう一度送ってください。',
  'write what is known of an upload': 'アップロードの記録を書き込む',
  'remove an upload': 'アップロードを取り除く',
  "The unfinished upload of '{path}' is of another file: its size or its checksum differs.":
    '「{path}」の未完了のアップロードは別のファイルのものです。サイズかチェックサムが違います。',
  "{received} of the {size} bytes of '{path}' have come, and the part begins at {}.":
    '「{path}」は {size} バイト中 {received} バイトまで届いていますが、送られた部分は {} から始まります。',
  'Ask how far it has come and go on there, or begin again at byte 0.':
    'どこまで届いたかを確認してその続きから送るか、バイト 0 から送り直してください。',
  "A copy into the volume '{}' could not be undone; the next start will.":
    'ボリューム「{}」へのコピーを取り消せませんでした。次の起動時に取り消します。',
  'write to the volume': 'ボリュームに書き込む',
  "look at '{path}'": '「{path}」を調べる',
  "There is no file or folder '{path}' in the volume.":
    'ボリュームにファイルやフォルダ「{path}」はありません。',
  "read the attributes of '{path}'": '「{path}」の属性を読む',
  "read the link '{path}'": 'リンク「{path}」を読む',
  "make the folder '{path}'": 'フォルダ「{path}」を作成する',
  "make the link '{path}'": 'リンク「{path}」を作成する',
  "give '{original}' the name '{path}'": '「{original}」に名前「{path}」を付ける',
  "set the attributes of '{path}'": '「{path}」の属性を設定する',
  "move '{from}' to '{to}'": '「{from}」を「{to}」に移動する',
  'There is no file {} that could be unpacked.': '展開できるファイル {} がありません。',
  'Give the absolute path of an archive on this computer.':
    'このコンピュータにあるアーカイブの絶対パスを指定してください。',
  'read what is to be unpacked': '展開するものを読む',
  "'{}' is not an archive that could be unpacked.": '「{}」は展開できるアーカイブではありません。',
  'Archives are tar, tar.gz and zip; copy anything else as it is.':
    'アーカイブは tar、tar.gz、zip です。ほかはそのままコピーしてください。',
  'There is nothing to upload.': 'アップロードするものがありません。',
  "'{}' is being {done}": '「{}」を{done!}しています',
  "'{path}' is not a folder, so nothing can go below it.":
    '「{path}」はフォルダではないため、その下には何も入れられません。',
  'Nothing was copied; choose another destination.':
    '何もコピーしていません。別のコピー先を選んでください。',
  '1 device, socket or pipe was': '1 個のデバイス、ソケット、またはパイプを',
  '{count} devices, sockets or pipes were': '{count} 個のデバイス、ソケット、またはパイプを',
  '{what} left out, because they have no content to copy: {first}{}.':
    '{what!}除きました。コピーする内容がないためです: {first}{0?}。',
  ' and others': ' ほか',
  '{} vanished while it was being uploaded.': '{} はアップロード中になくなりました。',
  'Nothing was copied; upload again when the files have come to rest.':
    '何もコピーしていません。ファイルの変更が落ち着いてから、もう一度アップロードしてください。',
  '{} was changed while it was being uploaded: it got shorter.':
    '{} はアップロード中に変更され、短くなりました。',
  '{first} and {others} more': '{first} ほか {others} 件',
  "'{path}' is being written": '「{path}」に書き込んでいます',
  'be made': '作成',
  "'{path}' is being made": '「{path}」を作成しています',
  'be renamed': '名前の変更',
  'be a name': '名前に',
  "'{from}' cannot be moved to '{to}', which is inside it.":
    '「{from}」を、その中にある「{to}」へ移動することはできません。',
  "'{from}' is being renamed": '「{from}」の名前を変更しています',
  'make an id': 'ID を作成する',
  "make the folder '{path}' in '{}'": '「{}」にフォルダ「{path}」を作成する',
  "rename '{from}' in '{}'": '「{}」の「{from}」の名前を変更する',
  'it got shorter': '短くなりました',
  "'{place}' is a folder.": '「{place}」はフォルダです。',
  "The volume's root cannot {what}.":
    'ボリュームの最上位フォルダでは、この操作（{what!}）はできません。',
  'Name a file or folder in the volume.': 'ボリューム内のファイルかフォルダを指定してください。',
  "There is something called '{path}' in the volume already.":
    'ボリュームにはすでに「{path}」という名前のものがあります。',
  'Choose another name, or delete it first.': '別の名前にするか、先にそれを削除してください。',
  "write '{path}'": '「{path}」に書き込む',
};
