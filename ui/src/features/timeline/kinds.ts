/** How the kinds of differences are drawn. */
import type { IconName } from '../../components/icons';
import type { DiffEntry, DiffKind } from '../../lib/api/types';
import { base } from '../../lib/logic/paths';
import { iconOf } from '../files/kinds';

export const KIND_ICONS: Record<DiffKind, IconName> = {
  added: 'plus',
  removed: 'minus',
  changed: 'pencil',
  renamed: 'arrow',
};

/** The icon of what differs, by its name. */
export const fileIcon = ({ file_kind, path }: DiffEntry): IconName =>
  iconOf({ kind: file_kind, name: base(path) });
