// What the map shows, and whether that is what the page says; where the reader has moved it.
(function () {
  "use strict";

  const { ids, painted } = window.crimeAtlas;
  const VIEW_DECIMALS = 4;
  const ZOOM_DECIMALS = 2;
  const NARROW = 640;
  const TILE_PATIENCE_MS = 8000;
  const MAP_PATIENCE_MS = 15000;
  const MAP_LOOK_MS = 400;
  const VIEW_PATIENCE_MS = 300;
  const WARD_NAMES_ZOOM = 11.5;
  const noUpdate = () => window.dash_clientside.no_update;

  function withParameter(search, name, value) {
    const parts = search
      .replace(/^\?/, "")
      .split("&")
      .filter((part) => part && !part.startsWith(name + "="));
    return "?" + [...parts, name + "=" + value].join("&");
  }

  function viewText(center, zoom) {
    return [
      Number(center.lat).toFixed(VIEW_DECIMALS),
      Number(center.lon ?? center.lng).toFixed(VIEW_DECIMALS),
      Number(zoom).toFixed(ZOOM_DECIMALS),
    ].join(",");
  }

  // Returns the map's width and height, now and at every change of the window's size. Without
  // WebGL 2 nothing would be drawn.
  function watchMap() {
    const area = document.querySelector(".map-frame");
    if (!area) {
      return noUpdate();
    }
    const size = () => [area.clientWidth, area.clientHeight];
    window.addEventListener("resize", () =>
      window.dash_clientside.set_props(ids.MAP_SIZE, { data: size() }),
    );
    if (window.innerWidth <= NARROW) {
      document.getElementById(ids.FILTERS).open = false;
    }
    window.crimeAtlas.dots.followPointer(area);
    area.addEventListener("mouseleave", () =>
      window.dash_clientside.set_props(ids.MAP, { hoverData: null }),
    );
    const fallback = document.getElementById(ids.MAP_FALLBACK);
    setMapState(LOADING, 0);
    if (!hasWebGL2() && fallback) {
      setMapState(FAILED, 0);
      fallback.textContent =
        "This browser cannot draw the map (it needs WebGL 2). " +
        "The table holds the same figures.";
    }
    return size();
  }

  let checks = 0;
  const [LOADING, READY, FAILED] = ["loading", "ready", "failed"];
  const MAP_SAYS = {
    [LOADING]: "The map is loading…",
    [READY]: "",
    [FAILED]:
      "The map could not be drawn, and may show something else than its title says. " +
      "Reload the page; the table holds the figures.",
  };

  // Whether the map shows what its title says, for readers and for programs.
  function setMapState(state, areas) {
    const map = document.getElementById(ids.MAP);
    const fallback = document.getElementById(ids.MAP_FALLBACK);
    map.dataset.state = state;
    if (areas !== undefined) {
      map.dataset.areas = areas;
    }
    fallback.hidden = !MAP_SAYS[state];
    fallback.classList.toggle("loading", state === LOADING);
    if (fallback.textContent !== MAP_SAYS[state]) {
      fallback.textContent = MAP_SAYS[state];
    }
  }

  // Wards are named once the reader is close: there are thousands, and few look so closely.
  function nameWards(zoom) {
    const plot = document.querySelector(`#${ids.MAP} .js-plotly-plot`);
    const map = plot?._fullLayout?.map?._subplot?.map;
    const style = plot?.layout?.map?.style;
    if (zoom < WARD_NAMES_ZOOM || !map?.getStyle() || !style?.sources || map.getSource("wards")) {
      return;
    }
    const district = style.layers.find((layer) => layer.id.includes("district"));
    if (!district) {
      return;
    }
    map.addSource("wards", {
      type: "geojson",
      data: style.sources.names.data.replace("/names-", "/wards-"),
    });
    const layer = { ...district, id: "ward-names", source: "wards", minzoom: WARD_NAMES_ZOOM };
    map.addLayer({
      ...layer,
      filter: ["==", ["get", "level"], "ward"],
      layout: { ...district.layout, "text-size": 11 },
    });
  }

  const followed = new WeakSet();

  // Where the reader moves the map while plotly redraws it, plotly does not hear of it: address,
  // dots and names would stay behind what is seen.
  function followView(plot) {
    const map = plot._fullLayout.map._subplot.map;
    if (followed.has(map)) {
      return;
    }
    followed.add(map);
    const catchUp = () => {
      const known = plot._fullLayout.map;
      const center = map.getCenter();
      const isSame =
        viewText(center, map.getZoom()) === viewText(known.center, known.zoom) || map.isMoving();
      if (!isSame && plot.isConnected) {
        window.Plotly.relayout(plot, {
          "map.center": { lat: center.lat, lon: center.lng },
          "map.zoom": map.getZoom(),
        });
      }
    };
    map.on("moveend", () => window.setTimeout(catchUp, VIEW_PATIENCE_MS));
  }

  function areasDrawn(plot) {
    const dots = window.crimeAtlas.dots.shown().length;
    return Math.max((plot.data[0].locations || []).length, dots);
  }

  // Whether MapLibre has every layer and every area of the figure that plotly was given.
  function showsWhatItHolds(plot) {
    const inner = plot._fullLayout?.map?._subplot;
    const map = inner?.map;
    if (!map?.getStyle()) {
      return false;
    }
    const overlays = (plot.layout.map.layers || []).filter((layer) => layer.visible !== false);
    const drawn = map
      .getStyle()
      .layers.filter((layer) => layer.id.startsWith("plotly-layout-layer-"));
    const areas = plot.data[0].locations || [];
    const source = map.getSource("source-" + plot._fullData[0].uid);
    const features = source?.serialize().data.features || [];
    return drawn.length === overlays.length && features.length === areas.length;
  }

  function hasWebGL2() {
    try {
      return Boolean(document.createElement("canvas").getContext("webgl2"));
    } catch (_error) {
      return false;
    }
  }

  function loads(picture, patience) {
    return new Promise((resolve) => {
      const image = new Image();
      const give = (answer) => () => resolve(answer);
      image.onload = give(true);
      image.onerror = give(false);
      window.setTimeout(give(false), patience);
      image.src = picture;
    });
  }

  window.crimeAtlas.watchMap = watchMap;

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.crime_atlas = Object.assign(window.dash_clientside.crime_atlas || {}, {
    // A background is drawn once a tile of it could be loaded; where none can, the reader is told.
    // Set without declared outputs: what can be shown leads to another answer, and an answer may
    // choose a background.
    try_basemap: async function (slug, offered, loaded) {
      let note = "";
      if (slug && slug !== "none" && !loaded.includes(slug)) {
        if (offered[slug] && (await loads(offered[slug], TILE_PATIENCE_MS))) {
          window.dash_clientside.set_props(ids.BASEMAPS, { data: [...loaded, slug] });
        } else {
          note = "This background could not be loaded; the map is drawn without it.";
        }
      }
      window.dash_clientside.set_props(ids.BASEMAP_NOTE, { children: note });
    },

    // The address keeps the view, so that reload, back and a shared link restore it.
    // The server hears of it only where the drawing depends on the view.
    keep_view: function (relayout, shown) {
      if (!relayout?.["map.center"] || relayout["map.zoom"] === undefined) {
        return [noUpdate(), noUpdate()];
      }
      nameWards(relayout["map.zoom"]);
      const view = viewText(relayout["map.center"], relayout["map.zoom"]);
      window.history.replaceState(
        window.history.state,
        "",
        withParameter(window.location.search, "map", view),
      );
      return [view, shown?.dots.length ? view : noUpdate()];
    },

    // What the page says of the map must be what it shows: until it is, the map is dimmed and says
    // that it is loading; where it never is, the page says so.
    check_map: function (shown) {
      checks += 1;
      const turn = checks;
      const patience = Date.now() + MAP_PATIENCE_MS;
      const look = () => {
        const plot = document.querySelector(`#${ids.MAP} .js-plotly-plot`);
        if (turn !== checks || !hasWebGL2()) {
          return;
        }
        const whole = plot?.layout?.meta === shown.mark && showsWhatItHolds(plot);
        if (whole && (!shown.dots?.length || areasDrawn(plot) > 0)) {
          setMapState(READY, areasDrawn(plot));
          nameWards(plot._fullLayout.map.zoom);
          followView(plot);
        } else if (Date.now() < patience) {
          setMapState(LOADING, plot ? areasDrawn(plot) : 0);
          window.setTimeout(look, MAP_LOOK_MS);
        } else {
          setMapState(FAILED, plot ? areasDrawn(plot) : 0);
        }
      };
      if (shown && hasWebGL2()) {
        setMapState(LOADING);
        painted().then(look);
      }
    },
  });
})();
