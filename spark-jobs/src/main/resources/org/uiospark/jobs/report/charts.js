// Draws every chart of the page with uPlot, so that values show under the pointer.
// Where no script runs, the pictures stay.
(() => {
  const numbers = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 5 });
  const whole = new Intl.NumberFormat("en-US");

  // Fewer points are marked, so that they are seen.
  const MARKED = 30;

  // A tick of the axis of steps is a whole one.
  const WHOLE_STEPS = Array.from({ length: 10 }, (none, power) => [1, 2, 5].map(n => n * 10 ** power))
    .flat();

  function text(value) {
    if (value == null) return "";
    if (Number.isInteger(value)) return whole.format(value);
    return Math.abs(value) < 1e-5 ? Number(value.toPrecision(5)).toExponential() : numbers.format(value);
  }

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  }

  // Room for the longest label of an axis.
  function room(plot, labels, index, cycle) {
    const axis = plot.axes[index];
    if (cycle > 1) return axis._size;
    plot.ctx.font = axis.font[0];
    const widths = (labels ?? []).map(label => plot.ctx.measureText(label).width);
    return Math.ceil(axis.ticks.size + axis.gap + 8 + Math.max(0, ...widths) / devicePixelRatio);
  }

  function axis(label, more) {
    return { label, size: 30, labelSize: 22, labelFont: "13px system-ui, sans-serif",
      font: "12px system-ui, sans-serif", stroke: colour("text"), labelGap: 0,
      grid: { stroke: colour("line"), width: 1 }, ticks: { stroke: colour("line"), width: 1, size: 5 },
      values: (plot, splits) => splits.map(text), ...more };
  }

  function series(line, more) {
    return { label: line.name, stroke: colour("line-" + line.colour) + (line.faint ? "80" : ""),
      width: line.faint ? 1 : 2, spanGaps: true, ...more };
  }

  // Lines have values at some steps only: the nearest to the pointer of each is shown. The step
  // that is named is one of the first line.
  function nearest(plot, index, at) {
    const values = plot.data[Math.max(1, index)];
    for (let off = 0; off < values.length; off++) {
      if (values[at - off] != null) return at - off;
      if (values[at + off] != null) return at + off;
    }
    return null;
  }

  function stepValue(plot, value, index, at) {
    if (at == null) return "";
    const step = plot.data[0][at];
    return text(value) + (step === plot.data[0][plot.cursor.idxs[0]] ? "" : " at " + text(step));
  }

  function steps(chart) {
    return {
      data: uPlot.join(chart.lines.map(line => [line.x, line.y])),
      scales: { x: { time: false } },
      axes: [axis(chart.x, { grid: { show: false }, incrs: WHOLE_STEPS }), axis(chart.y, { size: room })],
      series: [{ label: chart.x, value: (plot, step) => text(step) },
        ...chart.lines.map(line => series(line, { value: stepValue,
          points: { show: line.x.length <= MARKED, size: 6, fill: colour("line-" + line.colour) } }))],
      cursor: { y: false, dataIdx: nearest, sync: { key: "steps" } },
    };
  }

  // Lines over names at even distances, with an interval about each value.
  function points(chart) {
    const names = chart.points;
    const last = names.length - 1;
    const ends = chart.lines.flatMap(line => [...line.low, ...line.high]);
    const every = plot => Math.ceil(names.length * 70 / plot.width);
    return {
      data: [names.map((name, at) => at), ...chart.lines.map(line => line.y)],
      scales: { x: { time: false, range: [-.5, last + .5] },
        y: { range: uPlot.rangeNum(Math.min(...ends), Math.max(...ends), .1, true) } },
      axes: [axis(chart.x, { grid: { show: false }, splits: () => names.map((name, at) => at),
          values: (plot, splits) => splits.map(at => at % every(plot) ? "" : names[at]) }),
        axis(chart.y, { size: room })],
      series: [{ label: chart.x, value: (plot, at) => at == null ? "" : names[at] },
        ...chart.lines.map(line => series(line, { points: { show: true, size: 7, fill: colour("line-" + line.colour) },
          value: (plot, value, index, at) => pointValue(line, at) }))],
      cursor: { y: false, drag: { x: false } },
      hooks: { draw: [plot => chart.lines.forEach(line => intervals(plot, line))] },
    };
  }

  function pointValue(line, at) {
    if (at == null) return "";
    const interval = line.low[at] < line.high[at];
    return text(line.y[at]) + (interval ? ` [${text(line.low[at])}, ${text(line.high[at])}]` : "");
  }

  function intervals(plot, line) {
    const ctx = plot.ctx;
    ctx.save();
    ctx.strokeStyle = colour("line-" + line.colour);
    ctx.lineWidth = devicePixelRatio;
    ctx.beginPath();
    line.low.forEach((low, at) => {
      const x = plot.valToPos(at, "x", true);
      const tip = 4 * devicePixelRatio;
      for (const end of [low, line.high[at]]) {
        const y = plot.valToPos(end, "y", true);
        ctx.moveTo(x - tip, y);
        ctx.lineTo(x + tip, y);
      }
      ctx.moveTo(x, plot.valToPos(low, "y", true));
      ctx.lineTo(x, plot.valToPos(line.high[at], "y", true));
    });
    ctx.stroke();
    ctx.restore();
  }

  function size(place) {
    const width = Math.floor(place.clientWidth);
    return { width, height: Math.round(Math.max(240, Math.min(380, width * .55))) };
  }

  const dark = matchMedia("(prefers-color-scheme: dark)");
  for (const place of document.querySelectorAll("[data-chart]")) {
    const chart = JSON.parse(place.dataset.chart);
    let plot = null;
    const draw = () => {
      const { data, ...options } = chart.points ? points(chart) : steps(chart);
      const drawn = new uPlot({ ...size(place), ...options }, data);
      (plot?.root ?? place.querySelector("picture")).replaceWith(drawn.root);
      plot?.destroy();
      plot = drawn;
    };
    draw();
    dark.addEventListener("change", draw);
    new ResizeObserver(() => plot.setSize(size(place))).observe(place);
  }
})();
