-- What users see and are not told of, since only the library's own layers use it: neither the reference nor the
-- annotations have it.
return {
  modules = {
    cli = true, flow = true, nginx = true, pages = true, pause = true, resources = true, settle = true, wait = true,
  },
  methods = {
    ["Client:account"] = true, ["Client:check"] = true, ["Client:events"] = true,
    ["Client:functions"] = true, ["Client:rest"] = true, ["Client:room"] = true, ["Client:stirred"] = true,
  },
}
