-- From pandoc's reading of a handout to the elements of the page: floats, notes, classes, targets, heads of tables.

local floats = {floatfigure = "figure", floattable = "table"}

local function block(html) return pandoc.RawBlock("html", html) end
local function inline(html) return pandoc.RawInline("html", html) end

local function escaped(text)
  return (text:gsub("&", "&amp;"):gsub("<", "&lt;"):gsub('"', "&quot;"))
end

-- A caption as the text of an image: formulas without the commands of LaTeX.
local function spoken(blocks)
  local text = pandoc.utils.stringify(pandoc.Div(blocks):walk {
    Span = function(span)
      if span.classes:includes("unseen") then return {} end
    end,
    Math = function(math)
      return pandoc.Str((math.text:gsub("\\text{pvmark%a*}", ""):gsub("\\[,;!]", " "):gsub("\\", ""):gsub("[{}]", "")))
    end,
  })
  return (text:gsub("\u{a0}", " "):gsub("%s+", " "))
end

local function note(content)
  local first = content[1] and content[1].content and content[1].content[1]
  local side = first and first.t == "Span" and first.classes:includes("side")
  local inlines = pandoc.utils.blocks_to_inlines(content, {pandoc.LineBreak()})
  return {inline('<small class="' .. (side and "side" or "foot") .. 'note" role="note">'), pandoc.Span(inlines), inline("</small>")}
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
  return {block('<div class="scroll" tabindex="0">'), tbl, block("</div>")}
end

local function float(div)
  local caption
  for _, part in ipairs(div.content) do
    if part.t == "Div" and part.classes:includes("captiontext") then caption = part end
  end
  local alt = caption and spoken(caption.content) or ""
  local content = div:walk {
    Image = function(image)
      image.caption = {pandoc.Str(alt)}
      return image
    end,
  }.content
  local parts = pandoc.List {block('<figure class="' .. floats[div.classes[1]] .. '">')}
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

-- Links that lead nowhere are marks: class:NAME gives a text its class, id:LABEL is a target.
local links = {
  Link = function(link)
    local class = link.target:match("^#class:(.*)$")
    if class then return pandoc.Span(link.content, {class = class}) end
    local id = link.target:match("^#id:(.*)$")
    if id then return pandoc.Span(link.content, {id = id}) end
    if link.target:match("^#pv:") then link.classes:insert("pv") end
    if link.target:match("^#pvq:") then
      link.target = link.target:gsub("^#pvq:", "#pv:")
      link.classes:extend {"pv", "quiet"}
    end
    return link
  end,
  CodeBlock = function(code)
    code.classes = {"python"}
    return code
  end,
  Image = function(image)
    local share = (image.attributes.width or ""):match("^([%d.]*)\\")
    image.attributes = share and share ~= "" and {style = "width:" .. tonumber(share) * 100 .. "%"} or {}
    image.caption = {}
    return image
  end,
}

-- The targets in a heading: the first is the heading's own, others stand before it.
local function heading(header)
  local targets = pandoc.List()
  header.content = header.content:walk {
    Span = function(span)
      if span.identifier ~= "" and #span.content == 0 then
        targets:insert(span.identifier)
        return {}
      end
    end,
  }
  if #targets == 0 then return header end
  header.identifier = targets:remove(1)
  local before = targets:map(function(id) return pandoc.Div({}, {id = id}) end)
  before:insert(header)
  return before
end

local structure = {
  Header = heading,
  Note = function(found) return note(found.content) end,
  Table = with_head,
  Div = function(div)
    if floats[div.classes[1]] then return float(div) end
  end,
}

return {links, structure}
