-- What users see and are not told of, since only the library's own layers use it: neither the reference nor the
-- annotations have it.
return {
  modules = {
    nginx = true, pages = true, pause = true, provision = true, resources = true, settle = true, wait = true,
  },
  methods = { ["Client:check"] = true, ["Client:functions"] = true, ["Client:events"] = true, ["Client:ended"] = true },
}
