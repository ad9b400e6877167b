/** The engine's sentences of layers and filesystems, in Japanese. */
import type { Sentences } from '../../sentences';

export const disks: Sentences = {
  'reach an exported disk': '公開されたディスクに接続する',
  'the connection to an exported disk has ended': '公開されたディスクとの接続が切れました',
  'read an exported disk': '公開されたディスクを読む',
  'the server does not give {export}: {words}': 'サーバーが {export} を渡しません: {words}',
  "the image's refcount table is full; copy the image with qemu-img convert":
    'イメージの参照表がいっぱいです。qemu-img convert でコピーしてください',
  'the chain of backing files is deeper than {MAX_DEPTH} layers':
    'チェーンが {MAX_DEPTH} 層より深いです',
  'the chain of backing files comes back to this image': 'チェーンがこのイメージに戻っています',
  'open the image': 'イメージを開く',
  'the image is not a plain file': 'イメージが通常のファイルではありません',
  'create the image': 'イメージを作成する',
  'write the new image': '新しいイメージに書き込む',
  'the file is not a qcow2 image': 'qcow2 イメージではありません',
  "ask for the image's length": 'イメージの長さを調べる',
  'read {what} at {offset}': '位置 {offset} の{what!}を読む',
  'write {what} at {offset}': '位置 {offset} の{what!}に書き込む',
  'make the image durable': 'イメージを確実にディスクに書き込む',
  'the image is damaged: {message}; look at it with qemu-img check':
    'イメージが壊れています: {message?}。qemu-img check で確認してください',
  'the image uses {what}, which Cairn does not handle; convert it with qemu-img convert':
    'イメージが Cairn では扱えない{what!}を使っています。qemu-img convert で変換してください',
  'the image is open for reading only': 'イメージは読み取り専用で開かれています',
  "an earlier flush of the image failed, so nobody knows what is on the disk; close the image, see to the host's disk, and open it again":
    '以前の書き込みに失敗したため、ディスクの内容が分かりません。イメージを閉じ、このコンピュータのディスクを確認してから開き直してください',
  "take QEMU's image locks": 'QEMU のイメージロックを取得する',
  "look at QEMU's image locks": 'QEMU のイメージロックを調べる',
  'the image is in use: a running QEMU or another engine has it open; unmount the volume or stop the machine, then try again':
    'イメージは使用中です。動いている QEMU か別のエンジンが開いています。ボリュームをアンマウントするかマシンを停止して、もう一度お試しください',
  'the image is in use: a running QEMU or another engine has it open for writing; unmount the volume or stop the machine, then try again':
    'イメージは使用中です。動いている QEMU か別のエンジンが書き込み用に開いています。ボリュームをアンマウントするかマシンを停止して、もう一度お試しください',
  'all blocks are in use': 'ブロックがすべて使用中です',
  'an earlier write failed ({why}) and took changes of this batch back with it':
    '以前の書き込みに失敗し（{why?}）、まとめて行っていた変更も取り消されました',
  'a folder cannot have a second name': 'フォルダに 2 つ目の名前は付けられません',
  'it has {LINK_MAX} names, as many as ext4 can count':
    '名前が ext4 の上限の {LINK_MAX} 個に達しています',
  "a link's target may be neither empty nor contain a NUL byte":
    'リンク先を空にしたり、NUL バイトを含めたりはできません',
  "the link's target is too long": 'リンク先が長すぎます',
  'something has that name already': 'その名前のものがすでにあります',
  'an encrypted folder (encrypt)': '暗号化されたフォルダ（encrypt）',
  'a folder without regard to case (casefold)': '大文字と小文字を区別しないフォルダ（casefold）',
  'the filesystem is damaged': 'ファイルシステムが壊れています',
  'the content to store could not be read': '保存する内容を読めませんでした',
  'the filesystem uses {feature}, which this engine does not handle':
    'ファイルシステムが、扱えない機能（{feature?}）を使っています',
  'the filesystem uses {feature}: this engine reads it, but does not write to it':
    'ファイルシステムの機能（{feature?}）のため、読み取りはできますが書き込みはできません',
  'no room is left in the filesystem: {what}': 'ファイルシステムに空きがありません: {what!}',
  'the device under the filesystem failed': 'ファイルシステムの下のディスクでエラーが起きました',
  'the file is in too many pieces': 'ファイルが細かく分かれすぎています',
  'an encrypted file (encrypt)': '暗号化されたファイル（encrypt）',
  'this is a folder': 'フォルダです',
  'this is neither a file nor a folder': 'ファイルでもフォルダでもありません',
  'the file was deleted while it was read': '読み取り中にファイルが削除されました',
  'an earlier call stopped half-way; the filesystem has to be opened again':
    '以前の処理が途中で止まりました。ファイルシステムを開き直す必要があります',
  'the filesystem was made to grow to at most {gib} GiB':
    'ファイルシステムは最大 {gib} GiB までとして作られています',
  'all inodes are in use': 'inode がすべて使用中です',
  'the change is larger than the journal': '変更がジャーナルより大きいです',
  'the folder has as many sub-folders as it can count': 'サブフォルダの数が上限に達しています',
  "a folder's names do not fit into memory": 'フォルダの名前がメモリに入りきりません',
  'the device is open for reading only': 'ディスクは読み取り専用で開かれています',
  'the device is too small for a filesystem': 'ディスクがファイルシステムには小さすぎます',
  'it is marked as having errors; repair it with e2fsck before writing to it':
    'エラーの印が付いています。書き込む前に e2fsck で修復してください',
  'the root folder itself cannot be changed so':
    '最上位フォルダ自体をこのように変更することはできません',
  'a name in the path is empty': 'パスに空の名前があります',
  'a path may not contain . or ..': 'パスに「.」や「..」は使えません',
  'a name may not contain a NUL byte': '名前に NUL バイトは使えません',
  'a name may have at most 255 bytes': '名前は 255 バイトまでです',
  'the path runs in a circle of links': 'パスのリンクが循環しています',
  'there is no such file or folder': 'そのようなファイルやフォルダはありません',
  'a part of the path is not a folder': 'パスの途中がフォルダではありません',
  'this is not a symbolic link': 'シンボリックリンクではありません',
  'an encrypted link (encrypt)': '暗号化されたリンク（encrypt）',
  'the folder is not empty': 'フォルダが空ではありません',
  'a folder cannot take the place of a file': 'フォルダでファイルを置き換えることはできません',
  'a file cannot take the place of a folder': 'ファイルでフォルダを置き換えることはできません',
  'the folder with the new name is not empty': '新しい名前のフォルダが空ではありません',
  'a folder cannot be moved into itself': 'フォルダをその中に移動することはできません',
  'an earlier write failed ({why}); the filesystem has to be opened again':
    '以前の書き込みに失敗しました（{why?}）。ファイルシステムを開き直す必要があります',
  'the filesystem is open for reading only': 'ファイルシステムは読み取り専用で開かれています',
  'no ext4 superblock was found': 'ext4 のスーパーブロックが見つかりません',
  'the file is larger than what is free': 'ファイルが空き容量より大きいです',
  'a folder has that name': 'その名前のフォルダがあります',
  'the file is larger than ext4 can have it': 'ファイルが ext4 の上限より大きいです',
  'a file that is sealed for good (verity)': '書き換え不可にされたファイル（verity）',
  'the file was deleted while it was written to': '書き込み中にファイルが削除されました',
  "the file's length changed while it was appended to": '追記中にファイルの長さが変わりました',
  'no attribute can have this name': 'その名前の属性は使えません',
  'the attributes of one file have to fit into one block':
    '1 つのファイルの属性は 1 ブロックに収まる必要があります',
  'an attribute can have at most 64 KiB': '属性は 64 KiB までです',
  'it has no such attribute': 'そのような属性はありません',
  'the name of the attribute is too long': '属性の名前が長すぎます',
  'could not {what} {len} bytes at {offset}: the device ends at {size}':
    '位置 {offset} の {len} バイトは扱えません（{what}）。ディスクは {size} で終わっています',
};
