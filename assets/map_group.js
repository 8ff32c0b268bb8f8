// Drawing a group of areas on the map: plotly's lasso and box, one at a time.
(function () {
  "use strict";

  const MODES = { "draw-freehand": "lasso", "draw-box": "select" };
  const noUpdate = () => window.dash_clientside.no_update;
  const byId = (id) => document.getElementById(id);
  let drawing = false;

  function stop() {
    window.dash_clientside.set_props("drawing", { data: "" });
  }

  function fold() {
    byId("draw").open = false;
    byId("draw").querySelector("summary").focus({ preventScroll: true });
  }

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") {
      return;
    }
    if (drawing) {
      stop();
    } else if (event.target.closest("#draw")?.open) {
      fold();
    }
  });

  document.addEventListener("click", (event) => {
    const tools = byId("draw");
    if (tools?.open && !tools.contains(event.target)) {
      tools.open = false;
    }
  });

  // Longitude and latitude of what was drawn: a lasso's vertices, or the corners of a box.
  function vertices(selected) {
    if (selected?.lassoPoints?.map) {
      return selected.lassoPoints.map;
    }
    if (selected?.range?.map) {
      const [[west, south], [east, north]] = selected.range.map;
      return [[west, south], [east, south], [east, north], [west, north]];
    }
    return null;
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.crime_atlas = Object.assign(window.dash_clientside.crime_atlas || {}, {
    // How the reader draws from now on, and what has been drawn.
    draw_group: function (freehand, box, view, halt, selected) {
      const cause = window.dash_clientside.callback_context.triggered_id;
      if (cause === "map") {
        const drawn = vertices(selected);
        return drawn ? ["", drawing ? drawn : noUpdate()] : [noUpdate(), noUpdate()];
      }
      fold();
      return [MODES[cause] || "", noUpdate()];
    },

    // Plotly's own marks of a selection go: the link carries the group, and the map outlines it.
    show_drawing: function (mode) {
      const patch = new window.dash_clientside.Patch();
      const hint = byId("draw-hint");
      drawing = Boolean(mode);
      patch.assign(["layout", "dragmode"], mode || "pan");
      patch.assign(["layout", "hovermode"], drawing ? false : "closest");
      if (drawing) {
        window.setTimeout(() => byId("draw-stop").focus({ preventScroll: true }));
      } else {
        [0, 1].forEach((trace) => patch.assign(["data", trace, "selectedpoints"], null));
        patch.assign(["layout", "selectionrevision"], Date.now());
        if (hint.contains(document.activeElement)) {
          fold();
        }
      }
      return [patch.build(), !drawing];
    },
  });
})();
