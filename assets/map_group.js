// Drawing a group of areas on the map, freehand or as a box, or taking all that the map shows.
// Plotly's own lasso tests and redraws every dot of the nation at each move, which takes too long.
(function () {
  "use strict";

  const { ids } = window.crimeAtlas;
  const SVG = "http://www.w3.org/2000/svg";
  const STEP = 3;
  const SMALLEST = 8;
  const MOST_SENT = 1000;
  const KINDS = { [ids.DRAW_FREEHAND]: (points) => points, [ids.DRAW_BOX]: rectangle };
  const byId = (id) => document.getElementById(id);
  let kind = null;
  let points = [];

  function rectangle(given) {
    const [[left, top], [right, bottom]] = [given[0], given[given.length - 1]];
    return [
      [left, top],
      [right, top],
      [right, bottom],
      [left, bottom],
    ];
  }

  function extent(corners) {
    const span = (axis) => {
      const values = corners.map((point) => point[axis]);
      return Math.max(...values) - Math.min(...values);
    };
    return Math.max(span(0), span(1));
  }

  function mapLibre() {
    return document.querySelector(`#${ids.MAP} .js-plotly-plot`)._fullLayout.map._subplot.map;
  }

  // From pixels of the map to degrees; beyond the edge of a map of the whole world is its edge.
  function send(corners) {
    const map = mapLibre();
    const every = Math.ceil(corners.length / MOST_SENT);
    const kept = corners.filter((_, index) => index % every === 0);
    const drawn = kept.map((point) => {
      const { lng, lat } = map.unproject(point);
      return [Math.max(-180, Math.min(lng, 180)), lat].map((degrees) => Number(degrees.toFixed(6)));
    });
    window.dash_clientside.set_props(ids.DRAWN, { data: drawn });
  }

  function fold() {
    byId(ids.DRAW).open = false;
    byId(ids.DRAW).querySelector("summary").focus({ preventScroll: true });
  }

  function show() {
    const text = points.length ? KINDS[kind](points).join(" ") : "";
    byId(ids.DRAW_SHEET)
      .querySelectorAll("polygon")
      .forEach((line) => line.setAttribute("points", text));
  }

  function start(way) {
    prepare(byId(ids.DRAW_SHEET));
    kind = way;
    points = [];
    show();
    byId(ids.DRAW_SHEET).hidden = byId(ids.DRAW_HINT).hidden = false;
    byId(ids.DRAW).open = false;
    byId(ids.DRAW_STOP).focus({ preventScroll: true });
  }

  function stop() {
    kind = null;
    points = [];
    byId(ids.DRAW_SHEET).hidden = byId(ids.DRAW_HINT).hidden = true;
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
    const frame = byId(ids.DRAW_SHEET).getBoundingClientRect();
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
      svg.appendChild(document.createElementNS(SVG, "polygon")).setAttribute("class", name),
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
    sheet.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        if (!points.length) {
          mapLibre().getCanvas().dispatchEvent(new WheelEvent(event.type, event));
        }
      },
      { passive: false },
    );
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && kind) {
      stop();
    } else if (event.key === "Escape" && event.target.closest(`#${ids.DRAW}`)?.open) {
      fold();
    }
  });

  document.addEventListener("click", (event) => {
    const tools = byId(ids.DRAW);
    const button = event.target.closest("button")?.id;
    if (button in KINDS) {
      start(button);
    } else if (button === ids.DRAW_STOP) {
      stop();
    } else if (button === ids.DRAW_VIEW) {
      const { clientWidth: width, clientHeight: height } = mapLibre().getContainer();
      fold();
      send(
        rectangle([
          [0, 0],
          [width, height],
        ]),
      );
    } else if (tools?.open && !tools.contains(event.target)) {
      tools.open = false;
    }
  });
})();
