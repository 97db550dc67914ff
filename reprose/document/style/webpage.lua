-- From pandoc's reading of a handout to the elements of the page: floats, notes, classes, targets, heads of tables.

local floats = {floatfigure = "figure", floattable = "table"}

local function block(html) return pandoc.RawBlock("html", html) end
local function inline(html) return pandoc.RawInline("html", html) end

local function escaped(text)
  return (text:gsub("&", "&amp;"):gsub("<", "&lt;"):gsub('"', "&quot;"))
end

-- A formula in words, as a text alternative says it.
local words = {
  frac = " over ", tfrac = " over ", leq = " at most ", le = " at most ", geq = " at least ", ge = " at least ", neq = " not ",
  approx = " about ", times = " times ", cdot = " times ", pm = " plus or minus ", to = " to ", ["in"] = " in ",
  infty = " infinity ", sqrt = " root of ", sum = " sum of ", prod = " product of ", ll = " far below ", gg = " far above ",
}
local unspoken = {
  left = 1, right = 1, big = 1, Big = 1, bigl = 1, bigr = 1, mathrm = 1, mathbf = 1, mathcal = 1, mathbb = 1, bm = 1, text = 1,
  operatorname = 1, boldsymbol = 1, hat = 1, bar = 1, tilde = 1, quad = 1, qquad = 1, mathit = 1, displaystyle = 1,
}

local function formula_in_words(text)
  text = text:gsub("\\text{pvmark%a*}", "")
  text = text:gsub("\\t?frac{([^{}]*)}{([^{}]*)}", " %1 over %2 ")
  text = text:gsub("\\[,;:! ]", " "):gsub("\\[{}|%%]", " ")
  text = text:gsub("\\(%a+)", function(name)
    if unspoken[name] then return " " end
    return words[name] or (" " .. name .. " ")
  end)
  text = text:gsub("'", " prime "):gsub("%^{?%-1}?", " inverse "):gsub("%^{?2}?", " squared "):gsub("%^", " to the "):gsub("_", " ")
  text = text:gsub("%-", " minus "):gsub("=", " is "):gsub("<", " below "):gsub(">", " above ")
  return (text:gsub("[{}\\&~]", ""))
end

local function spoken(blocks)
  local text = pandoc.utils.stringify(pandoc.Div(blocks):walk {
    Span = function(span)
      if span.classes:includes("unseen") or span.classes:includes("notetext") then return {} end
    end,
    Math = function(math) return pandoc.Str(formula_in_words(math.text)) end,
  })
  text = text:gsub("\u{a0}", " "):gsub("%s+", " "):gsub(" ([,.;:)])", "%1"):gsub("%( ", "(")
  return (text:gsub("^ ", ""):gsub(" $", ""))
end

-- What stands for a picture: the number of the figure and the first sentence of its caption, which tells the rest.
local function alternative(blocks)
  local text = spoken(blocks)
  local label, rest = text:match("^(%a+ [%d.]*%d%.) ?(.*)$")
  local first = (rest or text):match("^(.-[%a%d)]%.) %u") or rest or text
  return label and (label .. " " .. first) or first
end

local function note(content)
  local first = content[1] and content[1].content and content[1].content[1]
  local kind = first and first.t == "Span" and first.classes:includes("test") and "test"
    or first and first.t == "Span" and first.classes:includes("side") and "sidenote" or "footnote"
  local inlines = pandoc.utils.blocks_to_inlines(content, {pandoc.LineBreak()})
  local id = ""
  if kind ~= "footnote" then inlines:remove(1) end
  if kind == "test" then
    for i, part in ipairs(inlines) do
      if part.t == "Span" and part.identifier ~= "" then
        id = ' id="' .. escaped(part.identifier) .. '"'
        inlines:remove(i)
        break
      end
    end
  end
  return {inline('<small class="' .. kind .. '" role="note"' .. id .. ">"), pandoc.Span(inlines, {class = "notetext"}), inline("</small>")}
end

local function marked(row, class)
  local cell = row.cells[1]
  local first = cell and cell.contents[1]
  local content = first and first.content
  if content and content[1] and content[1].t == "Span" and content[1].classes:includes(class) then
    content:remove(1)
    if content[1] and content[1].t == "Space" then content:remove(1) end
    first.content = content
    cell.contents[1] = first
    row.cells[1] = cell
    return true
  end
  return false
end

local function with_head(tbl)
  local head, body = pandoc.List(), pandoc.List()
  for _, row in ipairs(tbl.bodies[1].body) do
    if marked(row, "head") then
      for i, cell in ipairs(row.cells) do  -- a formula alone is no name that everybody hears
        local text = spoken(cell.contents)
        if text ~= "" and not pandoc.utils.stringify(pandoc.Div(cell.contents):walk {Math = function() return {} end}):match("%w") then
          local shown = pandoc.Span(pandoc.utils.blocks_to_inlines(cell.contents), {["aria-hidden"] = "true"})
          cell.contents = {pandoc.Plain {pandoc.Span({pandoc.Str(text)}, {class = "unseen"}), shown}}
          row.cells[i] = cell
        end
      end
      head:insert(row)
    else
      if marked(row, "rule") then
        for i, cell in ipairs(row.cells) do
          cell.attr = pandoc.Attr("", {"rule"})
          row.cells[i] = cell
        end
      end
      body:insert(row)
    end
  end
  tbl.head.rows = head
  local first = tbl.bodies[1]
  first.body = body
  tbl.bodies = {first}
  local longest = 0
  for _, rows in ipairs {head, body} do
    for _, row in ipairs(rows) do
      for _, cell in ipairs(row.cells) do
        longest = math.max(longest, #spoken(cell.contents))
      end
    end
  end
  if longest < 45 then tbl.attr = pandoc.Attr("", {"short"}) end
  return {block('<div class="scroll" role="group" aria-label="table" tabindex="0">'), tbl, block("</div>")}
end

-- An element without the targets in it, and their names: a link to it leads to its top.
local function without_targets(element)
  local targets = pandoc.List()
  element = element:walk {
    Span = function(span)
      if span.identifier ~= "" and #span.content == 0 then
        targets:insert(span.identifier)
        return {}
      end
    end,
  }
  return element, targets
end

local function float(div)
  local caption, targets
  div, targets = without_targets(div)
  div = div:walk {
    Para = function(para)
      if #para.content == 0 then return {} end
    end,
  }
  for _, part in ipairs(div.content) do
    if part.t == "Div" and part.classes:includes("captiontext") then caption = part end
  end
  local alt = caption and alternative(caption.content) or ""
  local content = div:walk {
    Image = function(image)
      image.caption = {pandoc.Str(alt)}
      return image
    end,
  }.content
  local id = #targets > 0 and ' id="' .. escaped(targets:remove(1)) .. '"' or ""
  local parts = targets:map(function(other) return pandoc.Div({}, {id = other}) end)
  parts:insert(block('<figure class="' .. floats[div.classes[1]] .. '"' .. id .. ">"))
  for _, part in ipairs(content) do
    if part.t == "Div" and part.classes:includes("captiontext") then
      parts:insert(block("<figcaption>"))
      parts:extend(part.content)
      parts:insert(block("</figcaption>"))
    else
      parts:insert(part)
    end
  end
  parts:insert(block("</figure>"))
  return parts
end

-- The width that LaTeX is told as one of the page: a share of the text (pandoc makes 0.5\textwidth 50%), or a length, where
-- 10 pt, the size of the print, are the size of the page's.
local ems = {pt = .1, bp = .1, mm = .2845, cm = 2.845, ["in"] = 7.227}

local function width(told)
  local share, percent = told:match("^([%d.]*)\\"), told:match("^([%d.]+)%%$")
  local length, unit = told:match("^([%d.]+)(%a+)$")
  if share or percent then return "width:" .. (percent or (tonumber(share) or 1) * 100) .. "%" end
  return ems[unit] and "width:" .. length * ems[unit] .. "em" or nil
end

-- Links that lead nowhere are marks: class:NAME gives a text its class, id:LABEL is a target.
local links = {
  Link = function(link)
    local class = link.target:match("^#class:(.*)$")
    if class then return pandoc.Span(link.content, {class = class}) end
    local id = link.target:match("^#id:(.*)$")
    if id then return pandoc.Span(link.content, {id = id}) end
    local quiet, job, about = link.target:match("^#pv(q?):([^|%%]*)(.*)$")
    if job then
      link.target = "#pv:" .. job
      link.classes:insert("pv")
      if quiet == "q" then link.classes:insert("quiet") end
      if about ~= "" then link.attributes["data-about"] = about end
    end
    return link
  end,
  CodeBlock = function(code)
    code.classes = {"python"}
    return code
  end,
  Image = function(image)
    image.attributes = {style = width(image.attributes.width or "")}
    image.caption = {}
    return image
  end,
}

-- The targets in a heading: the first is the heading's own, others stand before it.
local function heading(header)
  local targets
  header.content, targets = without_targets(header.content)
  if #targets == 0 then return header end
  header.identifier = targets:remove(1)
  local before = targets:map(function(id) return pandoc.Div({}, {id = id}) end)
  before:insert(header)
  return before
end

-- A paragraph's first mark of a job is a tab stop, and no other.
local function few_stops(block)
  local seen = {}
  return block:walk {
    Link = function(link)
      if not link.classes:includes("pv") then return nil end
      if link.classes:includes("quiet") or seen[link.target] then link.attributes.tabindex = "-1" end
      seen[link.target] = true
      return link
    end,
  }
end

local stops = {Para = few_stops, Plain = few_stops}

-- A claim in a heading has its note behind it, so that the contents do without.
local apart = {
  Header = function(header)
    local notes = pandoc.List()
    header.content = header.content:walk {
      Note = function(found)
        notes:insert(found)
        return {}
      end,
    }
    if #notes > 0 then return {header, pandoc.Para(notes)} end
  end,
}

-- A record is folded; its target is inside, so that whoever follows a mark finds it open.
local function record(div)
  local first = div.content[1].content
  local span = first[1]
  local id = span.identifier
  local rest = pandoc.List(div.content)
  rest:remove(1)
  local parts = pandoc.List {block('<details class="record"><summary>'), pandoc.Plain(span.content), block("</summary>")}
  parts:insert(block('<div class="facts" id="' .. escaped(id) .. '">'))
  parts:extend(rest)
  parts:insert(block('<p class="uses"></p></div></details>'))
  return parts
end

-- A link to an equation leads to its box; what has no box is nowhere.
local function numbered(div)
  local targets
  div, targets = without_targets(div)
  if #targets > 0 then div.identifier = targets:remove(1) end
  local parts = targets:map(function(other) return pandoc.Div({}, {id = other}) end)
  parts:insert(div)
  return parts
end

local function shown_length(text)
  return #formula_in_words(text):gsub("%s+", " ")
end

local structure = {
  Math = function(math)  -- what is longer than a small screen scrolls
    local display = math.mathtype == "DisplayMath"
    if not display and shown_length(math.text) < 30 then return nil end
    local scrolls = not display or shown_length(math.text) > 30
    local more = scrolls and {{"role", "group"}, {"aria-label", "formula"}, {"tabindex", "0"}} or {}
    return pandoc.Span({math}, pandoc.Attr("", {display and "formula" or "long"}, more))
  end,
  Header = heading,
  Note = function(found) return note(found.content) end,
  Table = with_head,
  Div = function(div)
    if floats[div.classes[1]] then return float(div) end
    if div.classes[1] == "record" then return record(div) end
    if div.classes[1] == "numbered" then return numbered(div) end
  end,
}

return {apart, links, stops, structure}
