'use strict'

const path = require('node:path')

/**
 * What `bin/kc.sh` passes to Java, less its production heap: without the shell in between, the process is the JVM itself
 * and can be ended by its own pid. C1 alone starts a second sooner.
 */
const JVM_OPTIONS = [
  '-Xms64m',
  '-Xmx512m',
  '-XX:MetaspaceSize=96M',
  '-XX:MaxMetaspaceSize=256m',
  '-XX:+ExitOnOutOfMemoryError',
  '-XX:-UsePerfData',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '--add-opens=java.base/java.util=ALL-UNNAMED',
  '--add-opens=java.base/java.util.concurrent=ALL-UNNAMED',
  '--add-opens=java.base/java.security=ALL-UNNAMED',
  '--add-opens=java.base/java.lang=ALL-UNNAMED',
  '--enable-native-access=ALL-UNNAMED',
  '-Dfile.encoding=UTF-8',
  '-Duser.language=en',
  '-Duser.country=US',
  '-Djava.security.egd=file:/dev/urandom',
  '-Djava.util.concurrent.ForkJoinPool.common.threadFactory=io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory',
  '-Djava.util.logging.manager=org.jboss.logmanager.LogManager',
  '-Dpicocli.disable.closures=true',
]

/**
 * @param {string} home  a Keycloak folder
 * @param {string[]} command  as after `kc.sh`
 * @param {string} [temporary]  a folder for temporary files, the system's unless told
 */
function javaArguments(home, command, temporary) {
  return [
    ...JVM_OPTIONS,
    ...(temporary === undefined ? [] : [`-Djava.io.tmpdir=${temporary}`]),
    `-Dkc.home.dir=${home}`,
    `-Djboss.server.config.dir=${path.join(home, 'conf')}`,
    '-cp',
    path.join(home, 'lib', 'quarkus-run.jar'),
    'io.quarkus.bootstrap.runner.QuarkusEntryPoint',
    ...command,
  ]
}

module.exports = { javaArguments }
