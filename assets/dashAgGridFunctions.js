// Cells of the ranked table.
var dagfuncs = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});

const DECIMALS = { rate_per_1000: 1, density_per_sq_mile: 1, change_percent: 1 };

dagfuncs.figure = function (params, field) {
  if (params.data === undefined) {
    return "";
  }
  if (params.value === null || params.value === undefined) {
    return "–";
  }
  const decimals = DECIMALS[field] || 0;
  const text = Math.abs(Number(params.value)).toLocaleString("en-GB", {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
  if (field !== "change_percent") {
    return text;
  }
  const zero = Number(text) === 0;
  return (zero ? "" : params.value < 0 ? "−" : "+") + text + "%";
};

dagfuncs.rateBar = function (params) {
  const width = params.data ? params.data.bar : 0;
  return {
    backgroundImage: "linear-gradient(var(--bar), var(--bar))",
    backgroundRepeat: "no-repeat",
    backgroundSize: width + "% 70%",
    backgroundPosition: "left center",
    fontWeight: 600,
  };
};

// The area's name, with what tells it from others of the same name.
var dagcomponentfuncs = (window.dashAgGridComponentFunctions =
  window.dashAgGridComponentFunctions || {});

dagcomponentfuncs.AreaCell = function (props) {
  if (!props.data) {
    return null;
  }
  return React.createElement(
    "div",
    { className: "area-cell" },
    React.createElement("span", { className: "area-name" }, props.value),
    React.createElement("span", { className: "area-place" }, props.data.place)
  );
};
