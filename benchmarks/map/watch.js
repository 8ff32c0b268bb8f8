// Runs in every page before its own scripts: what does the map show, and when did it last change?
(function () {
  "use strict";

  const QUIET = 1000;
  const PATIENCE = 180000;
  const LOOK_EVERY = 50;
  const TOLERANCE = 20;
  let map = null;
  let pixels = new Uint8Array(0);
  let known = 0;

  // `changed` is of the map, `touched` of anything else on the page.
  const watch = { started: null, changed: null, touched: 0, renderer: "" };
  const pause = (milliseconds) => new Promise((done) => window.setTimeout(done, milliseconds));
  const plot = () => document.querySelector("#map .js-plotly-plot, #map.js-plotly-plot");

  function findMap() {
    return window.raw?.map || plot()?._fullLayout?.map?._subplot?.map || null;
  }

  // Reading the pixels back waits for the drawing itself, which counts on a slow renderer.
  function readPixels() {
    const canvas = map.getCanvas();
    const gl = canvas.getContext("webgl2");
    const size = canvas.width * canvas.height * 4;
    if (pixels.length !== size) {
      pixels = new Uint8Array(size);
    }
    const bound = gl.getParameter(gl.FRAMEBUFFER_BINDING);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.readPixels(0, 0, canvas.width, canvas.height, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
    gl.bindFramebuffer(gl.FRAMEBUFFER, bound);
    if (!watch.renderer) {
      const names = gl.getExtension("WEBGL_debug_renderer_info");
      watch.renderer = gl.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER);
    }
  }

  function look() {
    readPixels();
    let sum = pixels.length;
    new Uint32Array(pixels.buffer).forEach((value) => {
      sum = (Math.imul(sum, 31) + value) | 0;
    });
    if (sum !== known) {
      known = sum;
      watch.changed = performance.now();
    }
  }

  new MutationObserver(() => {
    watch.touched = performance.now();
  }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });

  window.setInterval(() => {
    const found = findMap();
    if (found && found !== map) {
      map = found;
      map.on("render", look);
    }
  }, 10);

  // A reader's choice: a click on an entry of a drop-down, or the change of a plain select.
  ["click", "change"].forEach((kind) => document.addEventListener(kind, (event) => {
    if (watch.started === null && event.target.closest("[role=option], select, .dash-dropdown-option")) {
      watch.started = event.timeStamp;
    }
  }, true));

  watch.classes = function () {
    if (window.raw) {
      return window.raw.classes();
    }
    const shown = window.crimeAtlas?.dots?.shown();
    if (shown) {
      return Array.from(shown, (character) => Number(character) - 2);
    }
    const [areas, dots] = plot()._fullData;
    return dots?.customdata?.length
      ? Array.from(dots.marker.color, (value) => value - 2)
      : Array.from(areas.z);
  };

  watch.fingerprint = function () {
    if (window.raw) {
      return window.raw.shown();
    }
    return plot()?._fullData?.length ? watch.classes().join() : "";
  };

  watch.view = function () {
    const { lng, lat } = map.getCenter();
    return [lat, lng, map.getZoom()];
  };

  watch.size = () => [map.getCanvas().clientWidth, map.getCanvas().clientHeight];

  watch.moving = () => map.isMoving();

  // Pixels in each of some colours, blended a little or not.
  watch.pixelsOf = (colours) => colours.map(([red, green, blue]) => {
    let found = 0;
    for (let at = 0; at < pixels.length; at += 4) {
      const off = Math.max(
        Math.abs(pixels[at] - red), Math.abs(pixels[at + 1] - green), Math.abs(pixels[at + 2] - blue)
      );
      found += off <= TOLERANCE ? 1 : 0;
    }
    return found;
  });

  // Until the values differ from `before` and nothing has moved for a while; when it last changed,
  // or null where that never comes.
  watch.rest = async function (before, since) {
    const giveUp = performance.now() + PATIENCE;
    let different = null;
    while (performance.now() < giveUp) {
      await pause(LOOK_EVERY);
      if (different === null && map && watch.fingerprint() && watch.fingerprint() !== before) {
        different = performance.now();
      }
      const last = Math.max(different ?? Infinity, watch.changed ?? Infinity);
      if (performance.now() - last > QUIET && watch.changed > since && map.loaded()) {
        return watch.changed;
      }
    }
    return null;
  };

  // When the map or anything else of the page changed last, once nothing has for a while; null
  // where the page never comes to rest.
  watch.settled = async function () {
    const giveUp = performance.now() + PATIENCE;
    while (performance.now() < giveUp) {
      const last = Math.max(watch.changed ?? 0, watch.touched);
      if (performance.now() - last > QUIET && map.loaded()) {
        return last;
      }
      await pause(LOOK_EVERY);
    }
    return null;
  };

  window.watch = watch;
})();
