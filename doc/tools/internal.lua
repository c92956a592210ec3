-- What users see and are not told of, since only the library's own layers use it: neither the reference nor the
-- annotations have it.
return {
  modules = {
    cli = true,
  },
  methods = {
    ["Client:account"] = true, ["Client:check"] = true, ["Client:events"] = true,
    ["Client:functions"] = true, ["Client:wait"] = true, ["Client:capacity"] = true, ["Client:activity"] = true,
  },
}
