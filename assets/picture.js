// The map as a picture that can stand alone: title, map, legend, what to bear in mind, source.
(function () {
  "use strict";

  const { ids } = window.crimeAtlas;
  const SCALE = 2;
  const EDGE = 24;
  const LINE = 20;

  function textOf(selector) {
    return Array.from(document.querySelectorAll(selector), (element) => element.textContent.trim());
  }

  function legendEntries() {
    return Array.from(document.querySelectorAll(`#${ids.LEGEND} li`), (entry) => {
      const sign = entry.querySelector(".swatch, .circle");
      return {
        colour: window.getComputedStyle(sign).backgroundColor,
        round: sign.className === "circle",
        lines: sign.matches(".crossed") ? 2 : sign.matches(".hatched") ? 1 : 0,
        size: sign.getBoundingClientRect().height,
        label: entry.querySelector(".legend-label").textContent,
      };
    });
  }

  function wrapped(pen, text, width) {
    const lines = [""];
    text.split(" ").forEach((word) => {
      const longer = (lines[lines.length - 1] + " " + word).trim();
      if (pen.measureText(longer).width > width) {
        lines.push(word);
      } else {
        lines[lines.length - 1] = longer;
      }
    });
    return lines;
  }

  function colour(name) {
    return window.getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  // Slanting lines over a field of the legend: one way, or both.
  function hatch(pen, ways, left, top, width, height) {
    pen.save();
    pen.beginPath();
    pen.rect(left, top, width, height);
    pen.clip();
    pen.strokeStyle = colour("--hatch");
    [1, -1].slice(0, ways).forEach((slant) => {
      for (let x = -height; x < width + height; x += 6) {
        pen.beginPath();
        pen.moveTo(left + x, slant > 0 ? top + height : top);
        pen.lineTo(left + x + height, slant > 0 ? top : top + height);
        pen.stroke();
      }
    });
    pen.restore();
  }

  function drawLegend(pen, entries, top, width) {
    const step = width / entries.length;
    entries.forEach((entry, index) => {
      const left = EDGE + index * step;
      pen.fillStyle = entry.colour;
      if (entry.round) {
        pen.beginPath();
        pen.arc(left + entry.size / 2, top + 14 - entry.size / 2, entry.size / 2, 0, 7);
        pen.fill();
      } else {
        pen.fillRect(left, top, step - 4, 14);
        hatch(pen, entry.lines, left, top, step - 4, 14);
      }
      pen.fillStyle = colour("--ink");
      wrapped(pen, entry.label, step - 6).forEach((line, row) =>
        pen.fillText(line, left, top + 30 + row * 15),
      );
    });
  }

  function write(pen, lines, top) {
    lines.forEach((line, index) => pen.fillText(line, EDGE, top + index * LINE));
  }

  async function compose(plot, foot) {
    const width = plot.clientWidth;
    const height = plot.clientHeight;
    const address = await window.Plotly.toImage(plot, {
      format: "png",
      width,
      height,
      scale: SCALE,
    });
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement("canvas");
    const pen = canvas.getContext("2d");
    const font = (size, weight) =>
      `${weight || 400} ${size}px system-ui, "DejaVu Sans", sans-serif`;
    pen.font = font(12);
    const background = textOf(`#${ids.MAP} .maplibregl-ctrl-attrib-inner`).filter(Boolean);
    const places = textOf(`#${ids.CHIPS} .chip`).map((name) => name.replace(/ ×$/, ""));
    const named = places.length ? [`Places: ${places.join(", ")}.`] : [];
    const lines = [...named, ...foot, ...background].flatMap((text) => wrapped(pen, text, width));
    const mapTop = EDGE + 52;
    const legendTop = mapTop + height + 22;
    const footTop = legendTop + 60;
    canvas.width = (width + 2 * EDGE) * SCALE;
    canvas.height = (footTop + lines.length * LINE + EDGE / 2) * SCALE;
    pen.scale(SCALE, SCALE);
    pen.fillStyle = colour("--paper");
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.fillStyle = colour("--sea");
    pen.fillRect(EDGE, mapTop, width, height);
    pen.fillStyle = colour("--ink");
    pen.font = font(18, 700);
    write(pen, textOf(`#${ids.MAP_TITLE} h2`), EDGE + 14);
    pen.font = font(13);
    write(pen, textOf(`#${ids.MAP_TITLE} span`), EDGE + 38);
    pen.drawImage(image, EDGE, mapTop, width, height);
    pen.font = font(12);
    drawLegend(pen, legendEntries(), legendTop, width);
    pen.fillStyle = colour("--muted");
    write(pen, lines, footTop);
    return canvas;
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.crime_atlas = Object.assign(window.dash_clientside.crime_atlas || {}, {
    save_picture: async function (clicks, foot) {
      const plot = document.querySelector(`#${ids.MAP} .js-plotly-plot`);
      if (!clicks || !plot) {
        return;
      }
      const button = document.getElementById(ids.PICTURE);
      const label = button.textContent;
      button.disabled = true;
      button.textContent = "Drawing the picture…";
      let canvas = null;
      try {
        canvas = await compose(plot, foot);
      } catch (_error) {
        button.textContent = "The picture could not be drawn. Try again";
        button.disabled = false;
        return;
      }
      button.textContent = label.startsWith("Save") ? label : "Save picture";
      button.disabled = false;
      const link = document.createElement("a");
      link.download =
        ["crime-atlas", ...textOf(`#${ids.MAP_TITLE} h2, #${ids.MAP_TITLE} span`)]
          .join(" ")
          .toLowerCase()
          .replace(/[^a-z0-9]+/g, "-")
          .replace(/-$/, "") + ".png";
      link.href = canvas.toDataURL("image/png");
      link.click();
    },
  });
})();
