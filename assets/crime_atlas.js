// What only the browser can do: follow the map's view, and move the table to a row.
(function () {
  "use strict";

  const VIEW_DECIMALS = 4;
  const ZOOM_DECIMALS = 2;
  const NARROW = 640;
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

  // A drop-down names itself by its value alone; its label belongs to the name. Drop-downs are
  // drawn late and drawn again, so their names are looked after.
  function nameControls() {
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

  function leaveFind() {
    window.dash_clientside.set_props("find", { value: "" });
    window.dash_clientside.set_props("found", { children: [] });
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

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.crime_atlas = {
    // The address is the state: read it now, and again when the reader goes back or forward.
    follow_link: function () {
      window.addEventListener("popstate", () =>
        window.dash_clientside.set_props("link", { data: window.location.search })
      );
      followLinks();
      return window.location.search;
    },

    // Set without a declared output: controls follow the link, and the link follows controls.
    go: function (query) {
      if (query) {
        goTo(query);
      }
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
        subtree: true, childList: true, attributeFilter: ["aria-labelledby"],
      });
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
  };
})();
