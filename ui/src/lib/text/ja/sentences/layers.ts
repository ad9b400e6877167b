/** The engine's sentences of qcow2 files and what is wrong with them, in Japanese. */
import type { Sentences } from '../../sentences';

export const layers: Sentences = {
  corrupt: '破損',
  'a data cluster': 'データクラスタ',
  'L1 table': 'L1 表',
  'read the raw file': 'raw ファイルを読む',
  'write the raw file': 'raw ファイルに書き込む',
  'a read that is too long': '長すぎる読み取り結果',
  'something that is no reply': '応答ではないもの',
  'a reply to another request': '別の要求への応答',
  'another greeting': '別の挨拶',
  'an old kind of handshake': '古い形式の挨拶',
  'a name that is too long': '長すぎる名前',
  'something that is no reply to an option': 'オプションへの応答ではないもの',
  'a reply that is too long': '長すぎる応答',
  'no length of the disk': 'ディスクの長さを含まないもの',
  'too many replies': '多すぎる応答',
  'the server sent {what}': 'サーバーから正しくないものが届きました: {what!}',
  'an exported disk is only read': '公開されたディスクは読み取り専用です',
  'a table of {want} clusters': '{want} クラスタの表',
  "the backing file {name:?} is not a plain file name in the image's own folder":
    '下のファイル {name:?} が、イメージのフォルダにある単純なファイル名ではありません',
  'the chain has {} layers, not {layers}': 'チェーンは {layers} 層ではなく {} 層です',
  'an image cannot have {size} bytes; choose a multiple of 512, at least 512':
    'イメージを {size} バイトにはできません。512 の倍数（512 以上）にしてください',
  'an image cannot have {size} bytes; the format ends at {max}':
    'イメージを {size} バイトにはできません。形式の上限は {max} です',
  'an overlay of {size} bytes would cut off its backing file of {smaller} bytes':
    '{size} バイトのオーバーレイでは、下の {smaller} バイトのファイルが切り詰められます',
  'L2 slice {number} has no table': 'L2 の区画 {number} に表がありません',
  'an L2 table': 'L2 表',
  'the L1 table': 'L1 表',
  'an image of {old_size} bytes cannot shrink to {new_size}':
    '{old_size} バイトのイメージは {new_size} に縮小できません',
  'an image cannot have {new_size} bytes; choose a multiple of 512':
    'イメージを {new_size} バイトにはできません。512 の倍数にしてください',
  'an image cannot have {new_size} bytes; that is too large for the format':
    'イメージを {new_size} バイトにはできません。形式の上限を超えています',
  'the backing file is larger than the image, so growing would let its end show':
    '下のファイルがイメージより大きいため、拡大するとその末尾が見えてしまいます',
  'a longer L1 table': '長い L1 表',
  "so long a backing file's name that the header cannot be written in one piece":
    '下のファイルの名前が長く、一度に書き込めないヘッダ',
  'the header': 'ヘッダ',
  'the file ends inside the header': 'ファイルがヘッダの途中で終わっています',
  'version {other} of the format': '形式のバージョン {other}',
  'clusters of 2^{} bytes are not allowed': '2^{} バイトのクラスタは使えません',
  'a header of {header_length} bytes is not allowed': '{header_length} バイトのヘッダは使えません',
  'refcounts of 2^{} bits are not allowed': '2^{} ビットの参照カウントは使えません',
  'an L1 table of {entries} entries does not fit a size of {size} bytes':
    '{entries} 項目の L1 表は {size} バイトのサイズに合いません',
  'a refcount table of {refcount_bytes} bytes is not allowed':
    '{refcount_bytes} バイトの参照表は使えません',
  'refcount table': '参照表',
  "the backing file's name lies outside the first cluster":
    '下のファイルの名前が最初のクラスタの外にあります',
  "backing file's name": '下のファイルの名前',
  'a header extension runs out of the first cluster': 'ヘッダの拡張が最初のクラスタを越えています',
  "backing file's format": '下のファイルの形式',
  'incompatible feature bits that are not known ({unknown:#x})': '未知の非互換機能（{unknown:#x}）',
  'an external data file': '外部のデータファイル',
  'a compression type other than zlib': 'zlib 以外の圧縮',
  'a backing file of format {format}': '形式 {format} の下のファイル',
  'dirty (its refcounts may be stale)': '未整理（参照カウントが古い可能性があります）',
  'the image is marked {mark}; repair it with qemu-img check -r all before it is written':
    'イメージに印が付いています: {mark!}。書き込む前に qemu-img check -r all で修復してください',
  'version 2 of the format, for writing': '形式のバージョン 2（書き込み）',
  'refcounts of {} bits, for writing': '{} ビットの参照カウント（書き込み）',
  'internal snapshots, for writing': '内部スナップショット（書き込み）',
  'persistent bitmaps, for writing': '永続ビットマップ（書き込み）',
  'unknown autoclear features ({:#x}), for writing': '未知の機能（{:#x}、書き込み）',
  'refcounts of {} bits, for counting': '{} ビットの参照カウント（計数）',
  'internal snapshots, for counting': '内部スナップショット（計数）',
  'autoclear features ({:#x}), for counting': '機能（{:#x}、計数）',
  'the {what} at {offset} does not lie inside the file':
    '位置 {offset} の{what!}がファイルの外にあります',
  'a {what} that is not UTF-8': 'UTF-8 でない{what!}',
  'the file ends inside {what} at {offset}':
    'ファイルが{what!}（位置 {offset}）の途中で終わっています',
  'the L2 table at {table} does not lie inside the file':
    '位置 {table} の L2 表がファイルの外にあります',
  'an L2 table at {table} is not aligned': '位置 {table} の L2 表の境界が合っていません',
  'cluster {cluster} has no L2 table': 'クラスタ {cluster} に L2 表がありません',
  'compressed clusters': '圧縮されたクラスタ',
  'the L2 entry of cluster {cluster} contradicts itself':
    'クラスタ {cluster} の L2 項目が矛盾しています',
  'there are no layers to merge': '統合する層がありません',
  'there is no image to open': '開くイメージがありません',
  'the chain has {} layers below, not {layers}': 'チェーンの下の層は {layers} ではなく {} です',
  'an L2 entry contradicts itself': 'L2 項目が矛盾しています',
  'the data cluster at {offset} lies outside the file':
    '位置 {offset} のデータクラスタがファイルの外にあります',
  'the refcount table': '参照表',
  'refcount block {index} at {offset} does not lie inside the file':
    '位置 {offset} の参照ブロック {index} がファイルの外にあります',
  'two of its tables share the cluster at {offset}':
    '2 つの表が位置 {offset} のクラスタを共有しています',
  'the data cluster at {offset} is one of its own tables':
    '位置 {offset} のデータクラスタが自身の表です',
  'the cluster at {offset} is in use but has refcount {count}, not 1':
    '位置 {offset} のクラスタは使用中ですが、参照カウントが 1 ではなく {count} です',
  'a refcount block': '参照ブロック',
  'refcount block {index} is missing': '参照ブロック {index} がありません',
  'cluster {cluster} of the file has refcount {count}, not {from}':
    'ファイルのクラスタ {cluster} の参照カウントが {from} ではなく {count} です',
  '{what} at {offset} does not lie inside the file':
    '位置 {offset} の{what!}がファイルの外にあります',
  'an entry of the L2 table at {table} contradicts itself':
    '位置 {table} の L2 表の項目が矛盾しています',
  'the cluster at {at} is in use and counted as free':
    '位置 {at} のクラスタは使用中ですが、空きとされています',
  'the cluster at {at} is used {times} times': '位置 {at} のクラスタが {times} 回使われています',
  'an entry is wrong about how often the cluster at {at} is used':
    '位置 {at} のクラスタの使用回数の記録が正しくありません',
  'a state of the past is for reading only': '過去の状態は読み取り専用です',
  'cluster {cluster} is shared, without an internal snapshot':
    '内部スナップショットなしにクラスタ {cluster} が共有されています',
  'L2 table {index} is shared, without an internal snapshot':
    '内部スナップショットなしに L2 表 {index} が共有されています',
  'a new L2 table': '新しい L2 表',
};
