/** Japanese texts of the log, the tour, and what the window is asked to show. */
import type { Messages } from '../en';

export const log: Messages['log'] = {
  title: 'ログ',
  open: 'ログ…',
  filter: '含まれる語で絞り込む…',
  level: 'この重要度以上の行',
  levels: {
    trace: 'トレース',
    debug: '詳細',
    info: '情報',
    warning: '警告',
    error: 'エラー',
  },
  again: '読み直す',
  none: '表示するものがありません',
  noneBody: 'この重要度でこの語を含む行はありません。',
  privacy:
    '診断情報はバージョン、チェック結果、これらの行からなります。ファイルやマシンの名前が含まれるので、渡す前にお読みください。',
  copy: '診断情報をコピー',
  copied: '診断情報をクリップボードにコピーしました。',
};

export const tour: Messages['tour'] = {
  action: '短いツアー',
  count: (at, all) => `${at} / ${all}`,
  skip: 'スキップ',
  back: '戻る',
  next: '次へ',
  done: '完了',
  steps: {
    volumes: {
      title: 'ボリュームはマシンより長生き',
      body: 'ボリュームは、マシンがなくなっても残るディスクです。ここで作成するか、イメージやアーカイブをドロップして読み込みます。',
    },
    files: {
      title: 'どこにでもファイルをドロップ',
      body: 'マシンを動かす必要はありません。ここにドロップしたものは、次にマウントしたマシンで使えます。',
    },
    timeline: {
      title: '過去に戻る',
      body: 'チェックポイントは今のボリュームを保存します。表示、比較、復元ができ、戻っても何も失われません。',
    },
    machines: {
      title: 'マシンにマウント',
      body: '実行中のマシンにボリュームをドラッグすると、中の /data で使えます。デモマシンはワンクリックで起動します。',
    },
    commands: {
      title: 'すべてキーボードで',
      body: 'Ctrl+K でコマンド、ボリューム、マシンを検索できます。? キーでほかのキーを表示します。',
    },
  },
};

export const opening: Messages['opening'] = {
  noVolume: (name) => `ボリューム「${name}」はありません。`,
  noCheckpoint: (name, volume) => `「${volume}」にチェックポイント「${name}」はありません。`,
};

export const autostart: Messages['autostart'] = {
  label: 'セッション開始時に起動',
  hint: 'Cairn はトレイに隠れて起動し、すぐにドロップを受け付けます。',
};
