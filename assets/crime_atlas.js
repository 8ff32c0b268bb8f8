// What only the browser can do: follow the map's view, and move the table to a row.
(function () {
  "use strict";

  const { ids } = window.crimeAtlas;
  const TEXT = "-text";
  const VIEW_DECIMALS = 4;
  const ZOOM_DECIMALS = 2;
  const NARROW = 640;
  const TILE_PATIENCE_MS = 8000;
  const PAINT_PATIENCE_MS = 1000;
  const FAILED_MS = 1000;
  const MOST_ACTS = 100;
  const MAP_PATIENCE_MS = 15000;
  const MAP_LOOK_MS = 400;
  const VIEW_PATIENCE_MS = 300;
  const WARD_NAMES_ZOOM = 11.5;
  const SAME_WORD_MS = 1000;
  const SEARCH_FRAMES = 60;
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

  const frame = () => new Promise((resolve) => window.requestAnimationFrame(resolve));
  const pause = (length) => new Promise((resolve) => window.setTimeout(resolve, length));

  // Resolves when the browser has drawn what was set last; a page that is not seen draws nothing.
  function painted() {
    return Promise.race([frame().then(frame), pause(PAINT_PATIENCE_MS)]);
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
    nameControls();
    new MutationObserver(nameControls).observe(document.body, {
      subtree: true,
      childList: true,
      attributeFilter: ["aria-labelledby", "tabindex"],
    });
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

  // A drop-down names itself by its value alone, and takes the focus by an input hidden from
  // screen readers; its label belongs to the name, and the focus to the button. Drop-downs are
  // drawn late and drawn again, so this is looked after.
  function nameControls() {
    document.querySelectorAll(".dash-dropdown-focus-target[tabindex='0']").forEach((hidden) => {
      hidden.tabIndex = -1;
      hidden.nextElementSibling.tabIndex = 0;
    });
    document.querySelectorAll(".control > label").forEach((label) => {
      const button = document.getElementById(label.htmlFor);
      const name = label.id + " " + label.htmlFor + "-value";
      if (
        button &&
        button.tagName === "BUTTON" &&
        button.getAttribute("aria-labelledby") !== name
      ) {
        button.setAttribute("aria-labelledby", name);
      }
    });
  }

  // What the reader does is sent one request after the other: each is about what the page shows
  // then, and what is done meanwhile goes together.
  // `known` is what each control was last seen to have, by the reader or by an answer.
  const acts = { waiting: [], set: new Map(), known: new Map(), busy: false, asked: 0 };

  // What the reader has chosen since the answer was asked for, and Dash has not told yet. A list
  // empties itself where its entries have changed: nobody chose that.
  function chosenSince(id, property) {
    const name = `${id}.${property}`;
    const value = window.dash_component_api.getLayout(id)?.props[property];
    const now = JSON.stringify(value);
    const known = acts.known.get(name) ?? now;
    const isNew = value !== null && value !== undefined && now !== known;
    if (isNew) {
      acts.known.set(name, now);
      acts.set.set(name, now);
      acts.waiting.push([name, value]);
    }
    return isNew;
  }

  function ask() {
    if (!acts.busy && acts.waiting.length) {
      acts.busy = true;
      acts.asked += 1;
      window.dash_clientside.set_props(ids.ASK, { data: acts.waiting.splice(0, MOST_ACTS) });
    }
  }

  function rest() {
    acts.busy = false;
    ask();
  }

  function goTo(query) {
    if (query !== window.location.search) {
      window.history.pushState(null, "", query);
      window.dash_clientside.set_props(ids.LINK, { data: query });
    }
  }

  // Search boxes belong to the browser: an answer from the server never rewrites what is typed.
  function makeTextBoxes() {
    document.querySelectorAll(".text-box:empty").forEach((frame) => {
      const box = document.createElement("input");
      box.type = "search";
      box.id = frame.dataset.box;
      box.placeholder = frame.dataset.placeholder;
      box.maxLength = Number(frame.dataset.longest);
      box.autocomplete = "off";
      let pause = 0;
      box.addEventListener("input", () => {
        window.clearTimeout(pause);
        pause = window.setTimeout(
          () => window.dash_clientside.set_props(box.id + TEXT, { data: box.value }),
          Number(frame.dataset.pause),
        );
      });
      box.form?.addEventListener("submit", (event) => event.preventDefault());
      frame.append(box);
    });
  }

  // A picture's figures are sent as a table once the reader opens it.
  function fillWhenOpened() {
    const read = () =>
      Array.from(document.querySelectorAll(".filled-when-opened[open] > .filled"), ({ id }) => id);
    document.addEventListener(
      "toggle",
      (event) => {
        if (event.target.matches(".filled-when-opened")) {
          window.dash_clientside.set_props(ids.OPENED, { data: read() });
        }
      },
      true,
    );
  }

  function leaveFind() {
    document.getElementById(ids.FIND).value = "";
    window.dash_clientside.set_props(ids.FIND + TEXT, { data: "" });
  }

  const BUTTON = "button.dash-dropdown";
  const LIST = ".dash-dropdown-content";
  const ENTRY = ".dash-options-list-option-checkbox";

  // What is typed at a drop-down goes to the search of its list, whether that is open yet or not and
  // wherever Dash has moved the focus; Enter takes the first entry found, or the one in focus.
  function chooseByKeys() {
    let pending = "";
    let waits = false;
    let typedAt = -Infinity;
    const search = () => document.querySelector(`${LIST} .dash-dropdown-search`);
    const setValue = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;

    function write() {
      const box = search();
      waits = false;
      box.focus();
      setValue.call(box, pending);
      box.dispatchEvent(new Event("input", { bubbles: true }));
    }

    function writeWhenOpen(tries) {
      if (search()) {
        write();
      } else if (tries > 0) {
        window.requestAnimationFrame(() => writeWhenOpen(tries - 1));
      } else {
        waits = false;
      }
    }

    function takeLetter(event, isNew) {
      event.preventDefault();
      event.stopPropagation();
      pending = (isNew ? "" : pending) + event.key;
      if (search()) {
        write();
      } else if (isNew) {
        if (event.target.getAttribute("aria-expanded") !== "true") {
          event.target.click();
        }
        waits = true;
        writeWhenOpen(SEARCH_FRAMES);
      }
    }

    // Dash would take the letter once more, and open the list on Space before the button's own click
    // closes it again.
    document.addEventListener(
      "keyup",
      (event) => {
        if (event.key.length === 1 && event.target.matches?.(BUTTON)) {
          event.stopPropagation();
        }
      },
      true,
    );
    document.addEventListener("input", (event) => {
      if (event.target === search()) {
        pending = event.target.value;
      }
    });

    document.addEventListener(
      "keydown",
      (event) => {
        const onEntry = event.target.matches?.(ENTRY);
        const onButton = event.target.matches?.(BUTTON);
        const isNew = event.timeStamp - typedAt >= SAME_WORD_MS;
        const isLetter = event.key.length === 1 && (event.key !== " " || !(isNew || onEntry));
        if (event.ctrlKey || event.metaKey || event.altKey) {
          return;
        }
        if (isLetter) {
          typedAt = event.timeStamp;
        }
        const list = document.querySelector(LIST);
        const inList = list?.contains(event.target) || (list && event.target === document.body);
        // Dash writes an older value back into the search while its own is on the way.
        const isBehind = waits || (!isNew && search()?.value !== pending);
        if (isLetter && (onButton || (inList && (isBehind || event.target !== search())))) {
          takeLetter(event, isNew);
        } else if (event.key === "Enter" && onEntry) {
          event.preventDefault();
          event.stopPropagation();
          const entry = isNew ? event.target : document.querySelector(ENTRY);
          entry.click();
          typedAt = -Infinity;
        }
      },
      true,
    );
  }

  // A link to another state of this page changes the address without loading the page again.
  function followLinks() {
    document.addEventListener("click", (event) => {
      const link = event.target.closest("a.go");
      if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
        event.preventDefault();
        goTo(new URL(link.href).search);
        leaveFind();
        document.activeElement.blur();
      }
    });
    document.addEventListener("keydown", (event) => {
      const find = event.target.closest(".find");
      if (!find) {
        return;
      }
      const links = Array.from(find.querySelectorAll("a.go"));
      const at = links.indexOf(document.activeElement);
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        const next = links[at + (event.key === "ArrowDown" ? 1 : -1)];
        (next || document.getElementById(ids.FIND)).focus();
      } else if (event.key === "Enter" && at < 0 && links.length) {
        event.preventDefault();
        links[0].click();
      } else if (event.key === "Escape") {
        leaveFind();
      }
    });
  }

  const APPEARANCE = "crime-atlas-appearance";

  function preferredAppearance() {
    const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
    try {
      return window.localStorage.getItem(APPEARANCE) || (dark ? "dark" : "light");
    } catch (_error) {
      return dark ? "dark" : "light";
    }
  }

  function keepAppearance(appearance) {
    try {
      window.localStorage.setItem(APPEARANCE, appearance);
    } catch (_error) {
      // A browser that keeps nothing shows the choice until the page is left.
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

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.crime_atlas = Object.assign(window.dash_clientside.crime_atlas || {}, {
    // The address is the state: read it now, and again when the reader goes back or forward. The
    // map's size goes with it, since it decides the zoom that fits an area.
    start: function () {
      window.addEventListener("popstate", () =>
        window.dash_clientside.set_props(ids.LINK, { data: window.location.search }),
      );
      followLinks();
      chooseByKeys();
      makeTextBoxes();
      fillWhenOpened();
      return [window.location.search, watchMap()];
    },

    // What can wait asks once the browser has drawn what has just come, the map most of all.
    after_paint: function (...values) {
      const wanted = values[0];
      return wanted ? painted().then(() => wanted) : noUpdate();
    },

    // The browser asks the reader for consent; the answer is looked up once and forgotten.
    locate: function () {
      const answer = (position) =>
        window.dash_clientside.set_props(ids.POSITION, { data: { position: position } });
      if (!navigator.geolocation) {
        answer(null);
        return;
      }
      navigator.geolocation.getCurrentPosition(
        (found) => answer([found.coords.latitude, found.coords.longitude]),
        () => answer(null),
        { timeout: 10000, maximumAge: 60000 },
      );
    },

    // A text box as the link fills it, unless the reader is typing there.
    show_text: function (text, store) {
      const box = document.getElementById(store.slice(0, -TEXT.length));
      if (box && box !== document.activeElement) {
        box.value = text || "";
      }
    },

    // Something was done: by the reader, unless it is what an answer has just set.
    act: function () {
      window.dash_clientside.callback_context.triggered.forEach(({ prop_id: name, value }) => {
        if (value === null || value === undefined) {
          return;
        }
        const echo = acts.set.get(name) === JSON.stringify(value);
        acts.known.set(name, JSON.stringify(value));
        acts.set.delete(name);
        if (!echo) {
          acts.waiting.push([name, value]);
          window.setTimeout(ask, 0);
        }
      });
    },

    // The page shows the answer; the address and the controls follow, and the next acts are sent.
    answered: function (answer) {
      if (answer.go && answer.go !== window.location.search) {
        window.history.pushState(null, "", answer.go);
      }
      Object.entries(answer.values).forEach(([name, value]) => {
        const [id, property] = name.split(".");
        if (chosenSince(id, property)) {
          return;
        }
        acts.set.set(name, JSON.stringify(value));
        acts.known.set(name, JSON.stringify(value));
        window.dash_clientside.set_props(id, { [property]: value });
      });
      rest();
    },

    // A request that failed brings no answer.
    idle: function (busy) {
      const asked = acts.asked;
      if (busy === false) {
        window.setTimeout(() => asked === acts.asked && rest(), FAILED_MS);
      }
    },

    // The page's colours follow at once; the map's are asked of the server.
    appearance: function (clicks) {
      const root = document.documentElement;
      const before = root.dataset.bsTheme || preferredAppearance();
      const now = clicks ? (before === "dark" ? "light" : "dark") : before;
      root.dataset.bsTheme = now;
      document.body.dataset.agThemeMode = now;
      if (clicks) {
        keepAppearance(now);
      }
      return [now, now === "dark" ? "Light colours" : "Dark colours"];
    },

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

    reload: function (clicks) {
      if (clicks) {
        window.location.reload();
      }
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
