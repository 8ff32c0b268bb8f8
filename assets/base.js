// What all scripts of the page share: the ids, by the names that they have in Python, and when the
// browser has drawn what was set last.
(function () {
  "use strict";

  const PAINT_PATIENCE_MS = 1000;
  const frame = () => new Promise((resolve) => window.requestAnimationFrame(resolve));
  const pause = (length) => new Promise((resolve) => window.setTimeout(resolve, length));

  // Resolves when the browser has drawn what was set last; a page that is not seen draws nothing.
  function painted() {
    return Promise.race([frame().then(frame), pause(PAINT_PATIENCE_MS)]);
  }

  window.crimeAtlas = {
    ids: JSON.parse(document.querySelector('meta[name="crime-atlas-ids"]').content),
    painted,
  };
})();
