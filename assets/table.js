// The ranked table: rows asked for again, the chosen one in sight, what the reader sorts and picks.
(function () {
  "use strict";

  const { ids } = window.crimeAtlas;
  const AREA_COLUMNS = ["ward_name", "name"];
  const BY_READER = ["rowClicked", "spaceKey"];

  function grid() {
    return window.dash_ag_grid.getApiAsync(ids.TABLE);
  }

  function sortText(api) {
    const sorted = api.getColumnState().find((column) => column.sort);
    return sorted ? (sorted.sort === "desc" ? "-" : "") + sorted.colId : "rank";
  }

  function markChosen(api) {
    const chosen = api.getGridOption("context")?.chosen;
    api.forEachNode((node) => {
      const wanted = Boolean(chosen) && node.id === chosen;
      if (node.isSelected() !== wanted && (wanted || node.isSelected())) {
        node.setSelected(wanted, false, "api");
      }
    });
  }

  // Tab leaves the table, which is one stop; the arrow keys walk its cells.
  function leaveGrid({ backwards, event }) {
    const table = document.getElementById(ids.TABLE);
    const stops = Array.from(
      document.querySelectorAll(
        "a[href], button, input, select, textarea, summary, [tabindex='0']",
      ),
    ).filter(
      (stop) =>
        stop.tabIndex >= 0 &&
        !stop.matches(".ag-tab-guard") &&
        !stop.disabled &&
        stop.getClientRects().length,
    );
    const outside = stops.filter(
      (stop) => !table.contains(stop) || stop.closest(".ag-paging-panel"),
    );
    const place = backwards ? Node.DOCUMENT_POSITION_PRECEDING : Node.DOCUMENT_POSITION_FOLLOWING;
    const cells = table.querySelector(".ag-root");
    const beyond = outside.filter((stop) => cells.compareDocumentPosition(stop) & place);
    const next = backwards ? beyond.at(-1) : beyond[0];
    if (next) {
      event?.preventDefault();
      window.setTimeout(() => next.focus(), 0);
    }
    return true;
  }

  function leastHeight(api) {
    api.crimeAtlasRowHeight = api.crimeAtlasRowHeight || api.getGridOption("rowHeight");
    return api.crimeAtlasRowHeight;
  }

  // What identifies a row is given the room that the screen has. Rows keep the height that they
  // have grown to while that room is the same: another height asks for all rows again.
  function fitColumns(api) {
    const width = document.getElementById(ids.TABLE)?.clientWidth || 0;
    const column = api
      .getAllDisplayedColumns()
      .find((one) => AREA_COLUMNS.includes(one.getColId()));
    if (column) {
      const least = column.getColDef().width;
      const room = Math.max(least, Math.min(280, width * 0.44));
      api.setColumnWidths([{ key: column, newWidth: room }]);
      const fit = `${column.getColId()} ${room}`;
      if (api.crimeAtlasFit && api.crimeAtlasFit !== fit) {
        api.setGridOption("rowHeight", leastHeight(api));
      }
      api.crimeAtlasFit = fit;
    }
  }

  // Rows are all of one height: that of the longest text on the screen, so that none is cut.
  function growRows(api) {
    requestAnimationFrame(() => {
      const cells = document.querySelectorAll(`#${ids.TABLE} .area-cell, #${ids.TABLE} .rate-cell`);
      const needed = Math.max(0, ...Array.from(cells, (cell) => cell.scrollHeight + 2));
      if (needed > api.getGridOption("rowHeight")) {
        api.setGridOption("rowHeight", needed);
      }
    });
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.crime_atlas = Object.assign(window.dash_clientside.crime_atlas || {}, {
    // New figures: ask for the rows again.
    reload_rows: function () {
      grid().then((api) => {
        if (!api.crimeAtlasListens) {
          api.crimeAtlasListens = true;
          api.setGridOption("tabToNextCell", leaveGrid);
          api.setGridOption("tabToNextHeader", leaveGrid);
          api.addEventListener("sortChanged", (event) => {
            if (event.source === "uiColumnSorted") {
              window.dash_clientside.set_props(ids.SORT, { data: sortText(api) });
            }
          });
          api.addEventListener("selectionChanged", (event) => {
            const [row] = api.getSelectedRows();
            if (row && BY_READER.includes(event.source)) {
              window.dash_clientside.set_props(ids.ROW, { data: row.code });
            }
          });
          api.addEventListener("modelUpdated", () => markChosen(api));
          for (const event of ["modelUpdated", "viewportChanged", "columnResized"]) {
            api.addEventListener(event, () => growRows(api));
          }
        }
        leastHeight(api);
        fitColumns(api);
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
