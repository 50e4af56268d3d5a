/** Theme and density, kept on this device. */

export type Theme = 'system' | 'light' | 'dark';
export type Density = 'roomy' | 'compact';

class Appearance {
  theme = $state<Theme>((localStorage.getItem('voltherd.theme') as Theme | null) ?? 'system');
  density = $state<Density>((localStorage.getItem('voltherd.density') as Density | null) ?? 'roomy');

  setTheme(theme: Theme): void {
    this.theme = theme;
    localStorage.setItem('voltherd.theme', theme);
    applyAppearance();
  }

  toggleDensity(): void {
    this.density = this.density === 'roomy' ? 'compact' : 'roomy';
    localStorage.setItem('voltherd.density', this.density);
    applyAppearance();
  }
}

export const appearance = new Appearance();

export function applyAppearance(): void {
  const { dataset } = document.documentElement;
  if (appearance.theme === 'system') delete dataset.theme;
  else dataset.theme = appearance.theme;
  dataset.density = appearance.density;
}
