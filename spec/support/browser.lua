--- A page in a browser without a window: what a script finds in it, at several widths.
local assert = require "luassert"
local child = require "spec.support.child"
local json = require "exotel.json"

local browser = {}

-- Frames of the page side by side; what `look(document, window)` returns for each is written into the document that
-- holds them, as JSON. Clicks and typing are done by the script itself.
local FRAMES = [[
<!doctype html><meta charset="utf-8"><body><pre id="found"></pre><script>
var found = {}, left = 0;
function look(document, window, done) { %s }
[%s].forEach(function (width) {
  var frame = document.createElement("iframe");
  left++;
  frame.style.cssText = "border: 0; height: 800px; width: " + width + "px";
  frame.onload = function () {
    look(frame.contentDocument, frame.contentWindow, function (value) {
      found[width] = value;
      if (--left === 0) document.querySelector("#found").textContent = JSON.stringify(found);
    });
  };
  frame.src = "%s";
  document.body.appendChild(frame);
});
</script>
]]

local ENTITIES = { lt = "<", gt = ">", amp = "&", quot = '"' }

--- browser.look(path, widths, script) → what the script found at each width, by its text. `script`: the body of a
-- function of JavaScript with `document`, `window` and `done(value)`, which it calls once.
function browser.look(path, widths, script)
  local folder, name = path:match("^(.*)/([^/]*)$")
  local frames = folder .. "/frames.html"
  local file = assert(io.open(frames, "w"))
  file:write(FRAMES:format(script, table.concat(widths, ", "), name))
  file:close()
  local command = ("chromium --headless --no-sandbox --disable-gpu --allow-file-access-from-files --virtual-time-budget=30000 "
    .. "--user-data-dir=%s/browser --dump-dom file://%s 2>%s/browser.log"):format(folder, frames, folder)
  local shown = child.finish(child.start("sh -c " .. child.quote(command), 60))
  local text = shown:match('<pre id="found">(.-)</pre>')
  assert(text and text ~= "", shown)
  return assert(json.decode((text:gsub("&(%a+);", ENTITIES))))
end

return browser
