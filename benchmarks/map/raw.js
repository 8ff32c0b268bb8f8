// Geometry is loaded once; a change fetches one digit for each area and sets feature-states.
import { Map as MapLibreMap } from "/library/maplibre-gl.mjs";

const asked = new URLSearchParams(window.location.search);
const place = asked.get("case");
const circles = asked.get("draw") === "circles";
const types = document.getElementById("types");
const frame = document.getElementById("map");
const [latitude, longitude, zoom] = asked.get("view").split(",").map(Number);
frame.style.width = asked.get("width") + "px";
frame.style.height = asked.get("height") + "px";

async function json(url) {
  return (await fetch(url)).json();
}

async function points() {
  const places = await json(`/points/${place}.json`);
  return {
    type: "FeatureCollection",
    features: places.map((coordinates) => ({
      type: "Feature", properties: {}, geometry: { type: "Point", coordinates },
    })),
  };
}

function colour(colours) {
  const steps = colours.slice(1).flatMap((value, index) => [index + 1, value]);
  return ["step", ["coalesce", ["feature-state", "class"], 0], colours[0], ...steps];
}

function paint(colours) {
  if (circles) {
    const radius = Number(asked.get("radius"));
    const drawn = { "circle-color": colour(colours), "circle-radius": radius, "circle-opacity": 0.95 };
    return [{ id: "areas", source: "areas", type: "circle", paint: drawn }];
  }
  const fill = { id: "areas", source: "areas", type: "fill", paint: { "fill-color": colour(colours) } };
  const line = {
    id: "lines", source: "areas", type: "line",
    paint: { "line-color": "rgba(255,255,255,0.75)", "line-width": 0.4 },
  };
  return place === "nation" ? [fill] : [fill, line];
}

const first = json(`/classes/${place}/${types.value}.json`);
const data = circles ? await points() : `/polygons/${place}.json`;
const start = await first;
const map = new MapLibreMap({
  container: frame,
  center: [longitude, latitude],
  zoom,
  attributionControl: false,
  style: {
    version: 8,
    sources: { areas: { type: "geojson", data, generateId: true } },
    layers: [
      { id: "sea", type: "background", paint: { "background-color": "#e6ecf3" } },
      ...paint(start.colours),
    ],
  },
});

let shown = "";
let colours = start.colours;

function show(answer) {
  if (String(answer.colours) !== String(colours)) {
    colours = answer.colours;
    map.setPaintProperty("areas", circles ? "circle-color" : "fill-color", colour(colours));
  }
  for (let id = 0; id < answer.classes.length; id += 1) {
    if (answer.classes[id] !== shown[id]) {
      map.setFeatureState({ source: "areas", id }, { class: Number(answer.classes[id]) });
    }
  }
  shown = answer.classes;
}

map.once("load", () => show(start));
types.addEventListener("change", async () => {
  show(await json(`/classes/${place}/${types.value}.json`));
});

window.raw = {
  map,
  shown: () => shown,
  classes: () => Array.from(
    shown, (_, id) => (map.getFeatureState({ source: "areas", id }).class ?? 0) - 2
  ),
};
