// What only the browser can do: follow the map's view, and move the table to a row.
(function () {
  "use strict";

  const VIEW_DECIMALS = 4;
  const ZOOM_DECIMALS = 2;
  const NARROW = 640;
  const TILE_PATIENCE_MS = 8000;
  const noUpdate = () => window.dash_clientside.no_update;

  function withParameter(search, name, value) {
    const parts = search.replace(/^\?/, "").split("&").filter(
      (part) => part && !part.startsWith(name + "=")
    );
    return "?" + [...parts, name + "=" + value].join("&");
  }

  function viewText(center, zoom) {
    return [
      Number(center.lat).toFixed(VIEW_DECIMALS),
      Number(center.lon).toFixed(VIEW_DECIMALS),
      Number(zoom).toFixed(ZOOM_DECIMALS),
    ].join(",");
  }

  function hasWebGL2() {
    try {
      return Boolean(document.createElement("canvas").getContext("webgl2"));
    } catch (error) {
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
      if (button && button.tagName === "BUTTON" && button.getAttribute("aria-labelledby") !== name) {
        button.setAttribute("aria-labelledby", name);
      }
    });
  }

  function goTo(query) {
    if (query !== window.location.search) {
      window.history.pushState(null, "", query);
      window.dash_clientside.set_props("link", { data: query });
    }
  }

  // Search boxes belong to the browser: an answer from the server never rewrites what is typed.
  function makeTextBoxes() {
    document.querySelectorAll(".text-box:empty").forEach((frame) => {
      const box = document.createElement("input");
      box.type = "search";
      box.id = frame.dataset.box;
      box.placeholder = frame.dataset.placeholder;
      box.autocomplete = "off";
      let pause = 0;
      box.addEventListener("input", () => {
        window.clearTimeout(pause);
        pause = window.setTimeout(
          () => window.dash_clientside.set_props(box.id + "-text", { data: box.value }),
          Number(frame.dataset.pause)
        );
      });
      box.form?.addEventListener("submit", (event) => event.preventDefault());
      frame.append(box);
    });
  }

  function leaveFind() {
    document.getElementById("find").value = "";
    window.dash_clientside.set_props("find-text", { data: "" });
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
        (next || document.getElementById("find")).focus();
      } else if (event.key === "Enter" && at < 0 && links.length) {
        event.preventDefault();
        links[0].click();
      } else if (event.key === "Escape") {
        leaveFind();
      }
    });
  }

  function grid() {
    return window.dash_ag_grid.getApiAsync("table");
  }

  function sortText(api) {
    const sorted = api.getColumnState().find((column) => column.sort);
    return sorted ? (sorted.sort === "desc" ? "-" : "") + sorted.colId : "rank";
  }

  function markChosen(api) {
    const chosen = (api.getGridOption("context") || {}).chosen;
    api.forEachNode((node) => {
      const wanted = Boolean(chosen) && node.id === chosen;
      if (node.isSelected() !== wanted && (wanted || node.isSelected())) {
        node.setSelected(wanted, false, "api");
      }
    });
  }

  const places = new Map();

  function loadPlaces(url) {
    if (!places.has(url)) {
      places.set(url, fetch(url).then((answer) => answer.json()));
    }
    return places.get(url);
  }

  // Positions of the dots by class, so that the highest are drawn last and lie on top.
  function dotOrder(classes, absent) {
    const groups = [];
    for (let index = 0; index < classes.length; index += 1) {
      if (classes[index] !== absent) {
        const group = Number(classes[index]);
        (groups[group] = groups[group] || []).push(index);
      }
    }
    return groups.filter(Boolean).flat();
  }

  function steppedScale(colours) {
    return colours.flatMap((colour, index) => [
      [index / colours.length, colour],
      [(index + 1) / colours.length, colour],
    ]);
  }

  const APPEARANCE = "crime-atlas-appearance";

  function preferredAppearance() {
    const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
    try {
      return window.localStorage.getItem(APPEARANCE) || (dark ? "dark" : "light");
    } catch (error) {
      return dark ? "dark" : "light";
    }
  }

  function keepAppearance(appearance) {
    try {
      window.localStorage.setItem(APPEARANCE, appearance);
    } catch (error) {
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
    // The address is the state: read it now, and again when the reader goes back or forward.
    follow_link: function () {
      window.addEventListener("popstate", () =>
        window.dash_clientside.set_props("link", { data: window.location.search })
      );
      followLinks();
      makeTextBoxes();
      return window.location.search;
    },

    // The browser asks the reader for consent; the answer is looked up once and forgotten.
    locate: function () {
      const answer = (position) =>
        window.dash_clientside.set_props("position", { data: { position: position } });
      if (!navigator.geolocation) {
        answer(null);
        return;
      }
      navigator.geolocation.getCurrentPosition(
        (found) => answer([found.coords.latitude, found.coords.longitude]),
        () => answer(null),
        { timeout: 10000, maximumAge: 60000 }
      );
    },

    // A text box as the link fills it, unless the reader is typing there.
    show_text: function (text, store) {
      const box = document.getElementById(store.replace(/-text$/, ""));
      if (box && box !== document.activeElement) {
        box.value = text || "";
      }
    },

    // Set without a declared output: controls follow the link, and the link follows controls.
    go: function (query) {
      if (query) {
        goTo(query);
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

    // A background that cannot be loaded is left out, and the reader is told.
    try_basemap: async function (slug, offered) {
      if (!slug || slug === "none") {
        return [noUpdate(), ""];
      }
      if (offered[slug] && (await loads(offered[slug], TILE_PATIENCE_MS))) {
        return [noUpdate(), ""];
      }
      const { [slug]: gone, ...rest } = offered;
      return [
        gone ? rest : noUpdate(),
        "This background could not be loaded; the map is drawn without it.",
      ];
    },

    // The map's size decides the zoom that fits an area; without WebGL 2 nothing would be drawn.
    measure_map: function () {
      const size = () => {
        const frame = document.querySelector(".map-frame");
        return [frame.clientWidth, frame.clientHeight];
      };
      window.addEventListener("resize", () =>
        window.dash_clientside.set_props("map-size", { data: size() })
      );
      if (window.innerWidth <= NARROW) {
        document.getElementById("filters").open = false;
      }
      nameControls();
      new MutationObserver(nameControls).observe(document.body, {
        subtree: true, childList: true, attributeFilter: ["aria-labelledby", "tabindex"],
      });
      document.querySelector(".map-frame").addEventListener("mouseleave", () =>
        window.dash_clientside.set_props("map", { hoverData: null })
      );
      const fallback = document.getElementById("map-fallback");
      if (!hasWebGL2() && fallback) {
        fallback.hidden = false;
        fallback.textContent =
          "This browser cannot draw the map (it needs WebGL 2). " +
          "The table holds the same figures.";
      }
      return size();
    },

    // The address keeps the view, so that reload, back and a shared link restore it.
    keep_view: function (relayout) {
      if (!relayout || !relayout["map.center"] || relayout["map.zoom"] === undefined) {
        return noUpdate();
      }
      const view = viewText(relayout["map.center"], relayout["map.zoom"]);
      window.history.replaceState(
        window.history.state, "", withParameter(window.location.search, "map", view)
      );
      return view;
    },

    // The nation's dots: their places are fetched once, a change brings only their classes.
    draw_dots: async function (dots) {
      const patch = new window.dash_clientside.Patch();
      if (!dots) {
        return patch
          .assign(["data", 1, "lat"], [0])
          .assign(["data", 1, "lon"], [0])
          .assign(["data", 1, "customdata"], [])
          .assign(["data", 1, "marker", "size"], 0)
          .build();
      }
      const known = await loadPlaces(dots.url);
      const order = dotOrder(dots.classes, ".");
      const trace = {
        lat: order.map((index) => known.latitudes[index]),
        lon: order.map((index) => known.longitudes[index]),
        customdata: order.map((index) => known.codes[index]),
      };
      Object.entries(trace).forEach(([name, value]) => patch.assign(["data", 1, name], value));
      const marker = {
        color: order.map((index) => Number(dots.classes[index])),
        colorscale: steppedScale(dots.colours),
        cmin: -0.5,
        cmax: dots.colours.length - 0.5,
        size: dots.size,
      };
      Object.entries(marker).forEach(([name, value]) =>
        patch.assign(["data", 1, "marker", name], value)
      );
      return patch.build();
    },

    // New figures: ask for the rows again.
    reload_rows: function () {
      grid().then((api) => {
        if (!api.crimeAtlasListens) {
          api.crimeAtlasListens = true;
          api.addEventListener("sortChanged", (event) => {
            if (event.source === "uiColumnSorted") {
              window.dash_clientside.set_props("sort", { data: sortText(api) });
            }
          });
          api.addEventListener("modelUpdated", () => markChosen(api));
        }
        api.purgeInfiniteCache();
      });
    },

    // The chosen area: turn to its page, bring its row into view, select it.
    show_row: function (target) {
      grid().then((api) => {
        api.setGridOption("context", { chosen: target.code });
        if (target.code && target.row !== null) {
          const page = Math.floor(target.row / api.paginationGetPageSize());
          if (page !== api.paginationGetCurrentPage()) {
            api.paginationGoToPage(page);
          }
          api.ensureIndexVisible(target.row, "middle");
        }
        markChosen(api);
      });
    },
  });
})();
