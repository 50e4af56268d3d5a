import '@fontsource-variable/inter/index.css';
import '@fontsource-variable/jetbrains-mono/index.css';
import './tokens.css';
import './base.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { applyAppearance } from './lib/appearance.svelte';

applyAppearance();
const target = document.getElementById('app');
if (target) mount(App, { target });
