import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

/** The shell's API has one door: everything else talks to the `Backend` interface. */
const onlyTheShellsDoor = {
  patterns: [
    { group: ['@tauri-apps/*'], message: 'Only src/lib/backend/tauri.ts talks to the shell.' },
  ],
};

export default ts.config(
  { ignores: ['dist/', 'node_modules/', 'src/lib/api/types.ts'] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs['flat/recommended'],
  prettier,
  ...svelte.configs['flat/prettier'],
  { languageOptions: { globals: { ...globals.browser, ...globals.node } } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: {
      parserOptions: { extraFileExtensions: ['.svelte'], parser: ts.parser, svelteConfig },
    },
  },
  {
    rules: {
      'no-restricted-imports': ['error', onlyTheShellsDoor],
      eqeqeq: 'error',
      // Sets and maps are replaced here, never changed in place: `$state.raw` holds them.
      'svelte/prefer-svelte-reactivity': 'off',
      'no-console': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
    },
  },
  { files: ['src/lib/backend/tauri.ts'], rules: { 'no-restricted-imports': 'off' } },
);
