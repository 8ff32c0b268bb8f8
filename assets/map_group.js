// Drawing a group of areas on the map, freehand or as a box, or taking all that the map shows.
// Plotly's own lasso tests and redraws every dot of the nation at each move, which takes too long.
(function () {
  "use strict";

  const SVG = "http://www.w3.org/2000/svg";
  const STEP = 3;
  const SMALLEST = 8;
  const KINDS = { "draw-freehand": (points) => points, "draw-box": rectangle };
  const byId = (id) => document.getElementById(id);
  let kind = null;
  let points = [];

  function rectangle(given) {
    const [[left, top], [right, bottom]] = [given[0], given[given.length - 1]];
    return [[left, top], [right, top], [right, bottom], [left, bottom]];
  }

  function extent(corners) {
    const span = (axis) => {
      const values = corners.map((point) => point[axis]);
      return Math.max(...values) - Math.min(...values);
    };
    return Math.max(span(0), span(1));
  }

  function mapLibre() {
    return document.querySelector("#map .js-plotly-plot")._fullLayout.map._subplot.map;
  }

  // From pixels of the map to degrees; beyond the edge of a map of the whole world is its edge.
  function send(corners) {
    const map = mapLibre();
    const drawn = corners.map((point) => {
      const { lng, lat } = map.unproject(point);
      return [Math.max(-180, Math.min(lng, 180)), lat];
    });
    window.dash_clientside.set_props("drawn", { data: drawn });
  }

  function fold() {
    byId("draw").open = false;
    byId("draw").querySelector("summary").focus({ preventScroll: true });
  }

  function show() {
    const text = points.length ? KINDS[kind](points).join(" ") : "";
    byId("draw-sheet").querySelectorAll("polygon").forEach((line) =>
      line.setAttribute("points", text)
    );
  }

  function start(way) {
    prepare(byId("draw-sheet"));
    kind = way;
    points = [];
    show();
    byId("draw-sheet").hidden = byId("draw-hint").hidden = false;
    byId("draw").open = false;
    byId("draw-stop").focus({ preventScroll: true });
  }

  function stop() {
    kind = null;
    points = [];
    byId("draw-sheet").hidden = byId("draw-hint").hidden = true;
    fold();
  }

  function finish() {
    const corners = points.length ? KINDS[kind](points) : [];
    points = [];
    show();
    if (corners.length && extent(corners) >= SMALLEST) {
      stop();
      send(corners);
    }
  }

  function add(event) {
    const frame = byId("draw-sheet").getBoundingClientRect();
    const point = [event.clientX - frame.left, event.clientY - frame.top];
    if (!points.length || extent([points[points.length - 1], point]) >= STEP) {
      points.push(point);
      show();
    }
  }

  // The sheet lies over the map while drawing: it takes the pointer, and leaves zooming to the map.
  function prepare(sheet) {
    if (sheet.firstChild) {
      return;
    }
    const svg = sheet.appendChild(document.createElementNS(SVG, "svg"));
    ["under", "over"].forEach((name) =>
      svg.appendChild(document.createElementNS(SVG, "polygon")).setAttribute("class", name)
    );
    sheet.addEventListener("pointerdown", (event) => {
      if (event.isPrimary && event.button === 0) {
        sheet.setPointerCapture(event.pointerId);
        points = [];
        add(event);
      }
    });
    sheet.addEventListener("pointermove", (event) => {
      if (event.isPrimary && points.length) {
        add(event);
      }
    });
    sheet.addEventListener("pointerup", (event) => {
      if (event.isPrimary) {
        finish();
      }
    });
    sheet.addEventListener("pointercancel", () => {
      points = [];
      show();
    });
    sheet.addEventListener("wheel", (event) => {
      event.preventDefault();
      if (!points.length) {
        mapLibre().getCanvas().dispatchEvent(new WheelEvent(event.type, event));
      }
    }, { passive: false });
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && kind) {
      stop();
    } else if (event.key === "Escape" && event.target.closest("#draw")?.open) {
      fold();
    }
  });

  document.addEventListener("click", (event) => {
    const tools = byId("draw");
    const button = event.target.closest("button")?.id;
    if (button in KINDS) {
      start(button);
    } else if (button === "draw-stop") {
      stop();
    } else if (button === "draw-view") {
      const { clientWidth: width, clientHeight: height } = mapLibre().getContainer();
      fold();
      send(rectangle([[0, 0], [width, height]]));
    } else if (tools?.open && !tools.contains(event.target)) {
      tools.open = false;
    }
  });
})();
