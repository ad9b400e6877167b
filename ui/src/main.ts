/** Starts the UI: finds its host, then draws. */
import { mount } from 'svelte';
import App from './App.svelte';
import { openBackend } from './lib/backend';
import { t } from './lib/text';
import './styles/tokens.css';
import './styles/base.css';

document.documentElement.lang = t.locale;
const target = document.getElementById('app');
if (target) mount(App, { target, props: { backend: await openBackend() } });
