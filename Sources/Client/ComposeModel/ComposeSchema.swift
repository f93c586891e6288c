/// What a compose file may hold: the compose specification's schema, in the notation that `Grammar` reads.
///
/// `{…}` takes only the keys named, and `x-` ones; `strict{…}` no `x-`; `open{…}` any. `key!` is required. `map<p>(T)` takes
/// keys matching p only, `openmap` any, but checks those that match. `[T]` is a list, `set[T]` one without
/// repetitions, `|` a choice of which exactly one must fit, `/` a choice of plain types, `@` a reference.
enum ComposeSchema {
  static let text = """
    root = {
      version: string, name: string, include: [@include], services: map<name>(@service),
      models: openmap<name>(@model), networks: openmap<name>(@network), volumes: map<name>(@volume),
      secrets: map<name>(@secret), configs: map<name>(@config)
    }
    service = {
      develop: @development, deploy: @deployment, annotations: @list_or_dict, attach: boolean/string,
      build: string | {context: string, dockerfile: string, dockerfile_inline: string, entitlements:
        [string], args: @list_or_dict, ssh: @list_or_dict, labels: @list_or_dict, cache_from: [string],
        cache_to: [string], no_cache: boolean/string, additional_contexts: @list_or_dict, network:
        string, provenance: string/boolean, sbom: string/boolean, pull: boolean/string, target: string,
        shm_size: integer/string, extra_hosts: @extra_hosts, isolation: string, privileged:
        boolean/string, secrets: @service_config_or_secret, tags: [string], ulimits: @ulimits,
        platforms: [string]},
      blkio_config: strict{device_read_bps: [@blkio_limit], device_read_iops: [@blkio_limit],
        device_write_bps: [@blkio_limit], device_write_iops: [@blkio_limit], weight: integer/string,
        weight_device: [@blkio_weight]},
      cap_add: set[string], cap_drop: set[string], cgroup: string(host private), cgroup_parent: string,
      command: @command, configs: @service_config_or_secret, container_name: string~container,
      cpu_count: string | integer(0..), cpu_percent: string | integer(0..100), cpu_shares: number/string,
      cpu_quota: number/string, cpu_period: number/string, cpu_rt_period: number/string,
      cpu_rt_runtime: number/string, cpus: number/string, cpuset: string,
      credential_spec: {config: string, file: string, registry: string},
      depends_on: @list_of_strings | map<name>({restart: boolean/string, required: boolean, condition!:
        string(service_started service_healthy service_completed_successfully)}),
      device_cgroup_rules: @list_of_strings,
      devices: [string | {source!: string, target: string, permissions: string}], dns: @string_or_list,
      dns_opt: set[string], dns_search: @string_or_list, domainname: string, entrypoint: @command,
      env_file: @env_file, label_file: @label_file, environment: @list_or_dict, expose: set[string/number],
      extends: string | strict{service!: string, file: string},
      provider: {type!: string, options: openmap<any>(string/number/boolean | [string/number/boolean])},
      external_links: set[string], extra_hosts: @extra_hosts, gpus: @gpus, group_add: set[string/number],
      healthcheck: @healthcheck, hostname: string, image: string, init: boolean/string, ipc: string,
      isolation: string, labels: @list_or_dict, links: set[string],
      logging: {driver: string, options: openmap<any>(string/number/null)}, mac_address: string,
      mem_limit: number/string, mem_reservation: string/integer, mem_swappiness: integer/string,
      memswap_limit: number/string, network_mode: string,
      models: @list_of_strings | openmap<name>({endpoint_var: string, model_var: string} | null),
      networks: @list_of_strings | map<name>({aliases: @list_of_strings, interface_name: string,
        ipv4_address: string, ipv6_address: string, link_local_ips: @list_of_strings, mac_address:
        string, driver_opts: openmap<any>(string/number), priority: number, gw_priority: number} |
        null),
      oom_kill_disable: boolean/string, oom_score_adj: string | integer(-1000..1000), pid: string/null,
      pids_limit: number/string, platform: string,
      ports: set[number | string | {name: string, mode: string, host_ip: string, target: integer/string,
        published: string/integer, protocol: string, app_protocol: string}],
      post_start: [@service_hook], pre_stop: [@service_hook], privileged: boolean/string,
      profiles: @list_of_strings, pull_policy: string~pull, pull_refresh_after: string,
      read_only: boolean/string, restart: string, runtime: string, scale: integer/string,
      security_opt: set[string], shm_size: number/string, secrets: @service_config_or_secret,
      sysctls: @list_or_dict, stdin_open: boolean/string, stop_grace_period: string, stop_signal: string,
      storage_opt: open{}, tmpfs: @string_or_list, tty: boolean/string, ulimits: @ulimits,
      use_api_socket: boolean, user: string, uts: string, userns_mode: string,
      volumes: set[string | {type!: string(bind volume tmpfs cluster npipe image), source: string,
        target: string, read_only: boolean/string, consistency: string, bind: {propagation: string,
        create_host_path: boolean/string, recursive: string(enabled disabled writable readonly),
        selinux: string(z Z)}, volume: {labels: @list_or_dict, nocopy: boolean/string, subpath: string},
        tmpfs: {size: integer(0..) | string, mode: number/string}, image: {subpath: string}}],
      volumes_from: set[string], working_dir: string
    }
    healthcheck = {
      disable: boolean/string, interval: string, retries: number/string, test: string | [string],
      timeout: string, start_period: string, start_interval: string
    }
    development = {watch: [{ignore: @string_or_list, include: @string_or_list, path!: string, action!:
      string(rebuild sync restart sync+restart sync+exec), target: string, exec: @service_hook,
      initial_sync: boolean}]}/null
    deployment = {mode: string, endpoint_mode: string, replicas: integer/string, labels: @list_or_dict,
      rollback_config: {parallelism: integer/string, delay: string, failure_action: string, monitor:
      string, max_failure_ratio: number/string, order: string(start-first stop-first)}, update_config:
      {parallelism: integer/string, delay: string, failure_action: string, monitor: string,
      max_failure_ratio: number/string, order: string(start-first stop-first)}, resources: {limits:
      {cpus: number/string, memory: string, pids: integer/string}, reservations: {cpus: number/string,
      memory: string, generic_resources: @generic_resources, devices: @devices}}, restart_policy:
      {condition: string, delay: string, max_attempts: integer/string, window: string}, placement:
      {constraints: [string], preferences: [{spread: string}], max_replicas_per_node:
      integer/string}}/null
    generic_resources = [{discrete_resource_spec: {kind: string, value: number/string}}]
    devices = [{capabilities!: @list_of_strings, count: string/integer, device_ids: @list_of_strings,
      driver: string, options: @list_or_dict}]
    gpus = string(all) | [open{capabilities: @list_of_strings, count: string/integer, device_ids:
      @list_of_strings, driver: string, options: @list_or_dict}]
    include = string | strict{path: @string_or_list, env_file: @string_or_list, project_directory: string}
    network = {name: string, driver: string, driver_opts: openmap<any>(string/number), ipam: {driver:
      string, config: [{subnet: string, ip_range: string, gateway: string, aux_addresses:
      map<any>(string)}], options: map<any>(string)}, external: boolean/string/{name: string}, internal:
      boolean/string, enable_ipv4: boolean/string, enable_ipv6: boolean/string, attachable:
      boolean/string, labels: @list_or_dict}/null
    volume = {name: string, driver: string, driver_opts: openmap<any>(string/number), external:
      boolean/string/{name: string}, labels: @list_or_dict}/null
    secret = {
      name: string, environment: string, file: string, external: boolean/string/open{name: string},
      labels: @list_or_dict, driver: string, driver_opts: openmap<any>(string/number),
      template_driver: string
    }
    config = {
      name: string, content: string, environment: string, file: string,
      external: boolean/string/open{name: string}, labels: @list_or_dict, template_driver: string
    }
    model = {
      name: string, model!: string, context_size: integer, runtime_flags: [string]
    }
    command = null | string | [string]
    service_hook = {
      command!: @command, user: string, privileged: boolean/string, working_dir: string,
      environment: @list_or_dict
    }
    env_file = string | [string | strict{path!: string, format: string, required: boolean/string}]
    label_file = string | [string]
    string_or_list = string | @list_of_strings
    list_of_strings = set[string]
    list_or_dict = map<any>(string/number/boolean/null) | set[string]
    extra_hosts = map<any>(string | [string]) | set[string]
    blkio_limit = strict{path: string, rate: integer/string}
    blkio_weight = strict{path: string, weight: integer/string}
    service_config_or_secret = [string | {source: string, target: string, uid: string, gid: string,
      mode: number/string}]
    ulimits = openmap<lower>(integer/string | {hard!: integer/string, soft!: integer/string})
    """
}
