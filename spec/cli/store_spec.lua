-- The command's store: what it is by default, what EXOTEL_STORE and a profile may say, and what can be wrong with it.
local child = require "spec.support.child"
local command = require "spec.support.command"
local redis = require "spec.support.redis"
local sandbox = require "exotel.sandbox"
local store = require "exotel.store"

local function make_folder()
  local folder = os.tmpname()
  os.remove(folder)
  assert(os.execute("mkdir " .. folder))
  return folder
end

local SPEC = 'return { trunk_name = "out", phone_numbers = { "+919876543210" } }'

describe("the command's store", function()
  local sb, folder, file

  before_each(function()
    sb, folder, file = assert(sandbox.start()), make_folder(), child.write(SPEC)
    assert(os.rename(file, file .. ".lua"))
    file = file .. ".lua"
  end)
  after_each(function()
    sb:stop()
    os.remove(file)
    os.execute("rm -rf " .. folder)
  end)

  local function run(arguments, value, more)
    local env = { EXOTEL_STORE = value, XDG_RUNTIME_DIR = folder }
    for name, one in pairs(more or {}) do env[name] = one end
    return command.run(sb, arguments, { env = env })
  end

  local function lock_of(one) return one:lock("apply:sandbox1@" .. sb.base_url:match("//(.*)"), 30) end

  it("is one line about a value that can't be right, without a password", function()
    local FORMS = "redis://host:port, the absolute path of a file, or off"
    local URL = "exotel: EXOTEL_STORE is no URL of a Redis: redis://[USER:PASSWORD@]HOST[:PORT][/NUMBER]\n"
    for value, line in pairs {
      ["memcached://user:secret@host"] = "exotel: EXOTEL_STORE: memcached:// is not known: it may be " .. FORMS .. "\n",
      ["rediss://user:secret@host"] = "exotel: EXOTEL_STORE: rediss:// is not known: it may be " .. FORMS .. "\n",
      ["file://host/store"] = "exotel: EXOTEL_STORE may be " .. FORMS .. "\n",
      ["localhost:6379"] = "exotel: EXOTEL_STORE may be " .. FORMS .. "\n",
      ["redis://"] = URL,
      ["redis://user:secret@host:0"] = URL,
      ["redis://user:secret@host:99999"] = URL,
      ["redis://user:sec ret@ho st"] = URL,
      ["redis://host/x"] = URL,
      ["/proc/nonexistent/store"] = "exotel: the store /proc/nonexistent/store can't be opened: No such file or directory\n",
      [file] = "exotel: the store " .. file .. " is a file of something else: take another path\n",
    } do
      run("trunk list", value):says(1, "", line)
    end
    assert.equal(0, #sb:requests())
  end)

  it("goes on without a Redis that can't be had, and says so in one line, without a password", function()
    local GOES_ON = "exotel: the shared rate limit can't be had, up to 50 requests a minute go without it: Redis: %s\n"
    local server = redis.start { password = "right" }
    local place = "127.0.0.1:" .. server.port
    run("trunk list", "redis://:wrong@" .. place):says(0, "",
      GOES_ON:format(place .. ": WRONGPASS invalid username-password pair or user is disabled."))
    run("trunk list", "redis://" .. place):says(0, "", GOES_ON:format(place .. ": NOAUTH Authentication required."))
    run("trunk list", "VALKEY://:right@" .. place):says(0, "", "")
    run("trunk list --json", "redis://default:right@" .. place .. "/1"):says(0, "[]\n", "")
    run("trunk list", "redis://:right@" .. place .. "/99"):says(0, "", GOES_ON:format(place .. ": ERR DB index is out of range"))
    server:signal("STOP")
    run("trunk list", "redis://:right@" .. place):says(0, "", GOES_ON:format(place .. " did not answer within a second"))
    run("trunk list --quiet", "redis://:right@" .. place):says(0, "", "")
    server:stop()
    run("trunk list", "redis://:right@" .. place):says(0, "", GOES_ON:format(place .. ": connect: Connection refused"))
    run("trunk list", "redis://" .. sb.base_url:match("//(.*)")):says(0, "",
      GOES_ON:format(sb.base_url:match("//(.*)") .. " closed the connection"))
  end)

  it("shares the limit between commands", function()
    local path = folder .. "/shared"
    local one = assert(store.file { path = path })
    local account = "sandbox1@" .. sb.base_url:match("//(.*)")
    run("trunk list", path):says(0, "", "")
    assert.equal(199, (select(3, one:lease(account, 200, 0))).left)
    run("trunk list", "file://" .. path):says(0, "", "")
    assert.equal(198, (select(3, one:lease(account, 200, 0))).left)
    run("trunk list", "off"):says(0, "", "")
    assert.equal(198, (select(3, one:lease(account, 200, 0))).left)
  end)

  it("of a profile counts, unless EXOTEL_STORE is set", function()
    local path = folder .. "/of-profile"
    assert(os.execute("mkdir -p " .. folder .. "/exotel"))
    local config = assert(io.open(folder .. "/exotel/config", "w"))
    config:write(("[work]\naccount_sid = sandbox1\napi_key = sandbox_key\napi_token = sandbox_token\nbase_url = %s\nstore = %s\n")
      :format(sb.base_url, path))
    config:close()
    assert(os.execute("chmod 600 " .. folder .. "/exotel/config"))
    local function left()
      return (select(3, assert(store.file { path = path }):lease("sandbox1@" .. sb.base_url:match("//(.*)"), 200, 0))).left
    end
    run("--profile work trunk list", nil, { XDG_CONFIG_HOME = folder }):says(0, "", "")
    assert.equal(199, left())
    run("--profile work trunk list", "off", { XDG_CONFIG_HOME = folder }):says(0, "", "")
    assert.equal(199, left())
    run("--profile work doctor", nil, { XDG_CONFIG_HOME = folder }):says(0)
  end)

  it("has apply wait for another one, say for whom, and give up in time", function()
    local path = folder .. "/shared"
    local lock = assert(lock_of(assert(store.file { path = path })))
    local result = run("apply --yes --lock-timeout 1 " .. file, path)
    result:says(1)
    assert.matches("^exotel: waiting up to 1 s: apply:sandbox1@%S+ is locked by %S+ on %S+ %(process %d+%) since [%d: -]+ UTC\n"
      .. "exotel: lock: conflict: apply:%S+ is locked by [^\n]* %-%- try again later\n$", result.err)
    assert.equal(0, #sb:state().trunks)
    run("apply --yes --no-lock " .. file, path):says(0)
    lock:release()
    run("apply --yes " .. file, path):says(0)
    assert.equal(1, #sb:state().trunks)
  end)

  it("keeps apply by default to one at a time on this machine", function()
    local lock = assert(lock_of(assert(store.file { path = (function()
      assert(os.execute("mkdir -m 700 " .. folder .. "/exotel"))
      return folder .. "/exotel/store"
    end)() })))
    assert.matches("is locked by", run("apply --yes --lock-timeout 0 " .. file):says(1).err)
    lock:release()
    run("apply --yes --lock-timeout 0 " .. file):says(0)
  end)

  it("that nobody asked for, and that can't be had, keeps nobody from anything", function()
    local result = run("apply --yes " .. file, nil, { XDG_RUNTIME_DIR = "/proc/nonexistent" })
    result:says(0)
    assert.equal("exotel: neither the rate limit nor a lock is shared: no store in the folder /proc/nonexistent/exotel: "
      .. "No such file or directory\n", result.err)
  end)

  it("that was asked for has to be there for apply", function()
    run("apply --yes " .. file, "redis://127.0.0.1:1"):says(1, nil,
      "exotel: the shared rate limit can't be had, up to 50 requests a minute go without it: Redis: 127.0.0.1:1: connect: "
      .. "Connection refused\nexotel: lock: network: nothing was changed, since the store can't be had: Redis: 127.0.0.1:1: "
      .. "connect: Connection refused -- --no-lock goes without it\n")
    assert.equal(0, #sb:state().trunks)
  end)
end)
