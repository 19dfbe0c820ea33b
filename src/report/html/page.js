// What the page does with its charts: draws those in sight, hides and shows series, zooms, reads
// values to those who do not see them. `configure` and `cssColour` stand above this in the page.
/* global Chart, configure, cssColour */

const { charts, themes } = JSON.parse(document.getElementById('charts').textContent);
const root = document.documentElement;
const dark = matchMedia('(prefers-color-scheme: dark)');
const views = [];
let isPrinting = false;

root.classList.add('js');
Chart.defaults.font.family = "system-ui, 'DejaVu Sans', sans-serif";
Chart.defaults.font.size = 12;

function theme() {
  const chosen = root.dataset.theme ?? (dark.matches ? 'dark' : 'light');
  return themes[isPrinting ? 'light' : chosen];
}

function element(name, attributes, parent) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  parent?.append(made);
  return made;
}

/** A chart in its place: drawn when first seen, drawn anew when the colours change. */
function createView(place) {
  const spec = charts[place.dataset.chart];
  const hidden = new Set();
  const keys = element('div', { class: 'keys', role: 'group', 'aria-label': 'Series' }, place);
  const frame = element('div', { class: 'canvas' }, place);
  frame.style.height = `${place.dataset.height}px`;
  const canvas = element('canvas', { role: 'img', 'aria-label': place.dataset.name }, frame);
  const spoken = element('p', { class: 'unseen', role: 'status' }, place);
  const view = { place, spec, hidden, keys, frame, canvas, spoken, chart: undefined, zoom: undefined };
  view.draw = () => {
    view.chart?.destroy();
    view.chart = new Chart(canvas, configure(spec, theme(), 'page'));
    applyHidden(view);
    applyZoom(view);
    drawKeys(view);
  };
  drawKeys(view);
  listenForBrush(view);
  listenForKeys(view);
  return view;
}

function seriesOf(spec) {
  const shown = spec.datasets.filter((dataset) => dataset.isInLegend !== false);
  return [...new Map(shown.map((dataset) => [dataset.series, dataset])).values()];
}

function drawKeys(view) {
  const { spec, hidden, keys } = view;
  const focused = keys.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  keys.replaceChildren();
  const series = spec.hasLegend === false ? [] : seriesOf(spec);
  for (const dataset of series) {
    const button = element('button', { type: 'button', 'data-key': dataset.series }, keys);
    button.setAttribute('aria-pressed', String(!hidden.has(dataset.series)));
    drawSwatch(element('canvas', { width: 52, height: 20, 'aria-hidden': 'true' }, button), view, dataset);
    button.append(dataset.series);
    button.addEventListener('click', () => toggle(view, dataset.series));
  }
  if (view.zoom !== undefined) {
    const button = element('button', { type: 'button', 'data-key': '' }, keys);
    button.append('Show all');
    button.addEventListener('click', () => zoomTo(view, undefined));
  }
  if (focused !== null) [...keys.children].find((key) => key.dataset.key === focused)?.focus();
}

/** A piece of the line with its dash, the marker, or a block: more than a colour. */
function drawSwatch(canvas, { spec }, dataset) {
  const pen = canvas.getContext('2d');
  const first = Array.isArray(dataset.colour) ? dataset.colour[0] : dataset.colour;
  const colour = cssColour(first ?? '@text', theme());
  const type = dataset.type ?? spec.base;
  pen.fillStyle = colour;
  pen.strokeStyle = cssColour(dataset.border ?? first ?? '@text', theme());
  if (type === 'line' && dataset.fill !== 'origin') {
    pen.lineWidth = 4;
    pen.setLineDash((dataset.dash ?? []).map((length) => length * 2));
    pen.beginPath();
    pen.moveTo(0, 10);
    pen.lineTo(52, 10);
    pen.stroke();
  } else if (type === 'scatter') {
    pen.lineWidth = 3;
    Chart.helpers.drawPoint(pen, { pointStyle: dataset.marker, radius: 8, borderWidth: 3 }, 26, 10);
  } else {
    pen.fillRect(6, 1, 40, 18);
  }
}

function toggle(view, series) {
  if (!view.hidden.delete(series)) view.hidden.add(series);
  applyHidden(view);
  drawKeys(view);
}

function applyHidden({ chart, spec, hidden }) {
  if (chart === undefined) return;
  spec.datasets.forEach((dataset, i) => chart.setDatasetVisibility(i, !hidden.has(dataset.series)));
  chart.update('none');
}

function canZoom({ spec }) {
  return !spec.isHorizontal && spec.x.scale !== 'category';
}

function zoomTo(view, zoom) {
  view.zoom = zoom;
  applyZoom(view);
  drawKeys(view);
}

function applyZoom({ chart, spec, zoom }) {
  if (chart === undefined || !('x' in chart.scales)) return;
  const { x } = chart.options.scales;
  x.min = zoom?.[0] ?? spec.x.min;
  x.max = zoom?.[1] ?? spec.x.max;
  chart.update('none');
}

/** Drag across the chart to look closer; double-click to see all again. */
function listenForBrush(view) {
  const { frame } = view;
  let from;
  let brush;
  frame.addEventListener('pointerdown', (down) => {
    if (!canZoom(view) || view.chart === undefined || down.button !== 0) return;
    from = within(view, down);
    brush = element('div', { class: 'brush' }, frame);
    const { top, bottom } = view.chart.chartArea;
    Object.assign(brush.style, { top: `${top}px`, height: `${bottom - top}px`, width: '0' });
    frame.setPointerCapture(down.pointerId);
  });
  frame.addEventListener('pointermove', (move) => {
    if (brush === undefined) return;
    const to = within(view, move);
    brush.style.left = `${Math.min(from, to)}px`;
    brush.style.width = `${Math.abs(to - from)}px`;
  });
  const end = (up) => {
    if (brush === undefined) return;
    brush.remove();
    brush = undefined;
    const to = within(view, up);
    if (Math.abs(to - from) < 8) return;
    const { x } = view.chart.scales;
    zoomTo(view, [Math.min(from, to), Math.max(from, to)].map((pixel) => x.getValueForPixel(pixel)));
  };
  frame.addEventListener('pointerup', end);
  frame.addEventListener('pointercancel', end);
  frame.addEventListener('dblclick', () => zoomTo(view, undefined));
}

function within({ frame, chart }, event) {
  const pixel = event.clientX - frame.getBoundingClientRect().left;
  return Math.min(chart.chartArea.right, Math.max(chart.chartArea.left, pixel));
}

/** Arrow keys go from value to value and say it; + and - zoom; 0 or Escape shows all. */
function listenForKeys(view) {
  const { frame } = view;
  frame.tabIndex = 0;
  frame.setAttribute('role', 'group');
  frame.setAttribute('aria-label', 'Chart: arrow keys read the values, plus and minus zoom, 0 shows all');
  let series = 0;
  let point = -1;
  frame.addEventListener('keydown', (event) => {
    const { chart } = view;
    if (chart === undefined) return;
    const drawn = view.spec.datasets
      .map((dataset, i) => ({ dataset, i }))
      .filter(({ dataset, i }) => dataset.isInLegend !== false && chart.isDatasetVisible(i));
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const turn = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined || turn !== undefined) {
      event.preventDefault();
      if (drawn.length === 0) return;
      series = (series + (turn ?? 0) + drawn.length) % drawn.length;
      const { i } = drawn[series];
      const count = chart.data.datasets[i].data.length;
      point = Math.min(count - 1, Math.max(0, point + (step ?? 0)));
      readOut(view, i, point);
    } else if (event.key === '+' || event.key === '-') {
      zoomBy(view, event.key === '+' ? 0.5 : 2);
    } else if (event.key === '0' || event.key === 'Escape') {
      zoomTo(view, undefined);
      chart.tooltip.setActiveElements([], { x: 0, y: 0 });
      chart.update('none');
    }
  });
}

function readOut({ chart, spoken }, datasetIndex, index) {
  const at = chart.getDatasetMeta(datasetIndex).data[index];
  if (at === undefined) return;
  chart.setActiveElements([{ datasetIndex, index }]);
  chart.tooltip.setActiveElements([{ datasetIndex, index }], { x: at.x, y: at.y });
  chart.update('none');
  const { title, body } = chart.tooltip;
  spoken.textContent = [...(title ?? []), ...(body ?? []).flatMap(({ lines }) => lines)].join(', ');
}

function zoomBy(view, factor) {
  if (!canZoom(view)) return;
  const { x } = view.chart.scales;
  const middle = (x.left + x.right) / 2;
  const half = ((x.right - x.left) / 2) * factor;
  const ends = [middle - half, middle + half].map((pixel) => x.getValueForPixel(pixel));
  zoomTo(view, factor > 1 && view.zoom === undefined ? undefined : ends);
}

for (const row of document.querySelectorAll('.row')) {
  const places = [...row.querySelectorAll('[data-chart]')];
  const hasKeys = places.some(({ dataset }) => charts[dataset.chart].hasLegend !== false);
  row.classList.toggle('bare', !hasKeys);
  const shares = [...row.children].map((panel) => `minmax(0, ${panel.dataset.share}fr)`);
  row.style.gridTemplateColumns = shares.join(' ');
}
for (const place of document.querySelectorAll('[data-chart]')) views.push(createView(place));

const sight = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      sight.unobserve(target);
      const view = views.find(({ place }) => place === target);
      if (view.chart === undefined) view.draw();
    }
  },
  { rootMargin: '400px' },
);
for (const { place } of views) sight.observe(place);

function redraw() {
  for (const view of views) if (view.chart !== undefined) view.draw();
}

dark.addEventListener('change', redraw);
addEventListener('beforeprint', () => {
  isPrinting = true;
  for (const view of views) view.draw();
});
addEventListener('afterprint', () => {
  isPrinting = false;
  redraw();
});

const names = { auto: 'Colours: as the system', light: 'Colours: light', dark: 'Colours: dark' };
const item = element('li', {}, document.querySelector('nav ul'));
const choice = element('button', { type: 'button', 'data-theme-switch': 'auto' }, item);
choice.textContent = names.auto;
choice.addEventListener('click', () => {
  const next = { auto: 'light', light: 'dark', dark: 'auto' }[choice.dataset.themeSwitch];
  choice.dataset.themeSwitch = next;
  choice.textContent = names[next];
  if (next === 'auto') delete root.dataset.theme;
  else root.dataset.theme = next;
  redraw();
});
