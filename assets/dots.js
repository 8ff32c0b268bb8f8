// The dots of the nation, painted in the browser as one picture that is a layer of the map.
(function () {
  "use strict";

  const { ids } = window.crimeAtlas;
  const TILE = 512;
  const MARGIN = 0.2;
  const LARGEST = 4096;
  const SAME_ZOOM = 0.005;
  const ABSENT = ".".charCodeAt(0);
  const FIRST = "0".charCodeAt(0);
  const PHASES = 2;
  const NEAR = 2;
  const STILL = 4;

  // What is asked for, what of it is painted, and where.
  const state = { asked: null, known: null, painted: null, turn: 0 };
  const places = new Map();

  const across = (longitude) => (longitude + 180) / 360;
  const down = (latitude) => 0.5 - Math.asinh(Math.tan((latitude * Math.PI) / 180)) / (2 * Math.PI);
  const longitudeOf = (x) => x * 360 - 180;
  const latitudeOf = (y) => (Math.atan(Math.sinh(2 * Math.PI * (0.5 - y))) * 180) / Math.PI;

  // Where the dots are, as shares of the world in the Web Mercator projection.
  function loadPlaces(url) {
    if (!places.has(url)) {
      const loading = fetch(url)
        .then((answer) => answer.json())
        .then((known) => ({
          codes: known.codes,
          x: Float64Array.from(known.longitudes, across),
          y: Float64Array.from(known.latitudes, down),
        }));
      loading.catch(() => places.delete(url));
      places.set(url, loading);
    }
    return places.get(url);
  }

  // What a map of some size shows around a view "latitude,longitude,zoom", as shares of the world.
  function frameOf(view, size, margin) {
    const [latitude, longitude, zoom] = view.split(",").map(Number);
    const scale = TILE * 2 ** zoom;
    const half = size.map((pixels) => (pixels * (1 + 2 * margin)) / 2 / scale);
    const [x, y] = [across(longitude), down(latitude)];
    return {
      zoom,
      scale,
      left: x - half[0],
      right: x + half[0],
      top: y - half[1],
      bottom: y + half[1],
    };
  }

  function holds(outer, inner) {
    return (
      Math.abs(outer.zoom - inner.zoom) < SAME_ZOOM &&
      outer.left <= inner.left &&
      outer.right >= inner.right &&
      outer.top <= inner.top &&
      outer.bottom >= inner.bottom
    );
  }

  const sizeAt = (sizes, zoom) => sizes.filter(([from]) => zoom >= from).pop()[1];

  // How much of each pixel a dot covers, for every part of a pixel on which its middle may lie.
  function stamps(radius) {
    const reach = Math.ceil(radius + 1);
    const side = 2 * reach + 1;
    return Array.from({ length: PHASES * PHASES }, (_, phase) => {
      const [offX, offY] = [phase % PHASES, Math.floor(phase / PHASES)].map(
        (part) => (part + 0.5) / PHASES - 0.5,
      );
      const covered = new Float32Array(side * side);
      for (let at = 0; at < covered.length; at += 1) {
        const x = (at % side) - reach - offX;
        const y = Math.floor(at / side) - reach - offY;
        covered[at] = Math.min(1, Math.max(0, radius + 0.5 - Math.hypot(x, y)));
      }
      return { covered, reach, side };
    });
  }

  function stampOn(image, stamp, column, row, [red, green, blue]) {
    const { width, height, data } = image;
    for (let at = 0; at < stamp.covered.length; at += 1) {
      const x = column - stamp.reach + (at % stamp.side);
      const y = row - stamp.reach + Math.floor(at / stamp.side);
      const alpha = stamp.covered[at];
      if (alpha > 0 && x >= 0 && y >= 0 && x < width && y < height) {
        const to = (y * width + x) * 4;
        const under = (data[to + 3] / 255) * (1 - alpha);
        const whole = alpha + under;
        data[to] = (red * alpha + data[to] * under) / whole;
        data[to + 1] = (green * alpha + data[to + 1] * under) / whole;
        data[to + 2] = (blue * alpha + data[to + 2] * under) / whole;
        data[to + 3] = whole * 255;
      }
    }
  }

  // Positions of the dots by class, so that the highest are painted last and lie on top.
  function byClass(classes) {
    const groups = [];
    for (let index = 0; index < classes.length; index += 1) {
      const code = classes.charCodeAt(index);
      if (code !== ABSENT) {
        groups[code - FIRST] = groups[code - FIRST] || [];
        groups[code - FIRST].push(index);
      }
    }
    return groups;
  }

  const parts = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));

  function paint(known, dots, frame, size) {
    const wanted = size.map((pixels) => pixels * (1 + 2 * MARGIN));
    const sharp = Math.min(window.devicePixelRatio || 1, LARGEST / Math.max(...wanted));
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = wanted.map((pixels) => Math.max(1, Math.round(pixels * sharp)));
    const pen = canvas.getContext("2d");
    const image = pen.createImageData(canvas.width, canvas.height);
    const scale = frame.scale * sharp;
    const made = stamps((sizeAt(dots.sizes, frame.zoom) / 2) * sharp);
    byClass(dots.classes).forEach((indices, group) => {
      const colour = parts(dots.colours[group]);
      indices.forEach((index) => {
        const x = (known.x[index] - frame.left) * scale;
        const y = (known.y[index] - frame.top) * scale;
        if (x > -LARGEST && y > -LARGEST && x < 2 * LARGEST && y < 2 * LARGEST) {
          const [column, row] = [Math.floor(x), Math.floor(y)];
          const phase = Math.floor((x - column) * PHASES) + PHASES * Math.floor((y - row) * PHASES);
          stampOn(image, made[phase], column, row, colour);
        }
      });
    });
    pen.putImageData(image, 0, 0);
    const [west, east] = [longitudeOf(frame.left), longitudeOf(frame.right)];
    const [north, south] = [latitudeOf(frame.top), latitudeOf(frame.bottom)];
    return {
      source: canvas.toDataURL("image/png"),
      coordinates: [
        [west, north],
        [east, north],
        [east, south],
        [west, south],
      ],
    };
  }

  const innerMap = () =>
    document.querySelector(`#${ids.MAP} .js-plotly-plot`)?._fullLayout?.map?._subplot?.map;

  // The dot under a pointer: its code and where it is in the map's pixels; undefined for none.
  function dotAt(event) {
    const { asked, known, painted } = state;
    const map = innerMap();
    if (!asked || !known || !painted || !map || !event.target.closest(`#${ids.MAP}`)) {
      return undefined;
    }
    const box = map.getCanvas().getBoundingClientRect();
    const point = [event.clientX - box.left, event.clientY - box.top];
    const { lng, lat } = map.unproject(point);
    const [x, y] = [across(lng), down(lat)];
    const radius = sizeAt(asked.sizes, map.getZoom()) / 2 + NEAR;
    let nearest = radius / (TILE * 2 ** map.getZoom());
    let found;
    for (let index = 0; index < known.codes.length; index += 1) {
      const away = Math.hypot(known.x[index] - x, known.y[index] - y);
      if (away < nearest && asked.classes.charCodeAt(index) !== ABSENT) {
        [nearest, found] = [away, index];
      }
    }
    return found === undefined ? undefined : { code: known.codes[found], at: point, radius };
  }

  function pointed({ code, at, radius }) {
    const [x, y] = at;
    const bbox = { x0: x - radius, x1: x + radius, y0: y - radius, y1: y + radius };
    return { points: [{ customdata: code, bbox }] };
  }

  // Pointing at a dot and choosing it are told as plotly tells them of an area.
  function followPointer(frame) {
    let last;
    let next = 0;
    let pressed = null;
    frame.addEventListener("mousemove", (event) => {
      window.cancelAnimationFrame(next);
      next = window.requestAnimationFrame(() => {
        const dot = event.buttons ? undefined : dotAt(event);
        if (dot?.code !== last) {
          last = dot?.code;
          innerMap().getCanvas().style.cursor = dot ? "pointer" : "";
          window.dash_clientside.set_props(ids.MAP, { hoverData: dot ? pointed(dot) : null });
        }
      });
    });
    frame.addEventListener("mouseleave", () => {
      last = undefined;
    });
    frame.addEventListener("pointerdown", (event) => {
      pressed = [event.clientX, event.clientY];
    });
    frame.addEventListener("click", (event) => {
      const moved = pressed
        ? Math.hypot(event.clientX - pressed[0], event.clientY - pressed[1])
        : Infinity;
      const dot = moved <= STILL ? dotAt(event) : undefined;
      if (dot) {
        window.dash_clientside.set_props(ids.MAP, { clickData: pointed(dot) });
      }
    });
  }

  window.crimeAtlas.dots = {
    // Class characters of the dots that the map shows; none where it shows no dots.
    shown: () => (state.painted ? state.asked.classes.replaceAll(".", "") : ""),
    followPointer,
  };

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.crime_atlas = Object.assign(window.dash_clientside.crime_atlas || {}, {
    // One redraw: the picture, the layers around it where they are others, and of what they are.
    draw_dots: async function (dots, view, size) {
      state.turn += 1;
      const turn = state.turn;
      const isNew = dots !== state.asked;
      if (!dots || !view || !size) {
        Object.assign(state, { asked: null, painted: null });
        return window.dash_clientside.no_update;
      }
      const seen = frameOf(view, size, 0);
      if (!isNew && state.painted && holds(state.painted, seen)) {
        return window.dash_clientside.no_update;
      }
      const known = await loadPlaces(dots.url);
      if (turn !== state.turn) {
        return window.dash_clientside.no_update;
      }
      const frame = frameOf(view, size, MARGIN);
      const picture = paint(known, dots, frame, size);
      const patch = new window.dash_clientside.Patch();
      const layers = ["layout", "map", "layers"];
      if (isNew && dots.layers) {
        const draw = (layer) => (layer.sourcetype === "image" ? { ...layer, ...picture } : layer);
        patch.assign(layers, dots.layers.map(draw));
      } else {
        patch.assign([...layers, dots.layer, "source"], picture.source);
        patch.assign([...layers, dots.layer, "coordinates"], picture.coordinates);
      }
      Object.assign(state, { asked: dots, known, painted: frame });
      return patch.assign(["layout", "meta"], dots.mark).build();
    },
  });
})();
