// The dots of the nation, drawn in the browser from one character each.
(function () {
  "use strict";

  const places = new Map();

  function loadPlaces(url) {
    if (!places.has(url)) {
      places.set(
        url,
        fetch(url).then((answer) => answer.json()),
      );
    }
    return places.get(url);
  }

  // Positions of the dots by class, so that the highest are drawn last and lie on top.
  function dotOrder(classes, absent) {
    const groups = [];
    for (let index = 0; index < classes.length; index += 1) {
      if (classes[index] !== absent) {
        const group = Number(classes[index]);
        groups[group] = groups[group] || [];
        groups[group].push(index);
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

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.crime_atlas = Object.assign(window.dash_clientside.crime_atlas || {}, {
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
        patch.assign(["data", 1, "marker", name], value),
      );
      return patch.build();
    },
  });
})();
