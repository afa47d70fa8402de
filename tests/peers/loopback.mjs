// Preloaded into every server: whatever address it wants to listen on, it listens on 127.0.0.1.
import net from 'node:net'

const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (first, ...rest) {
  if (typeof first === 'object' && first !== null && first.path === undefined) {
    return listen.call(this, { ...first, host: '127.0.0.1' }, ...rest)
  }
  if (typeof first === 'number' || first === undefined) {
    const callback = rest.find((one) => typeof one === 'function')
    return listen.call(this, { port: first ?? 0, host: '127.0.0.1' }, ...(callback ? [callback] : []))
  }
  return listen.call(this, first, ...rest)
}
