/** Which file's name is being edited; at most one. */
export const renaming = $state<{ path: string | null }>({ path: null });
