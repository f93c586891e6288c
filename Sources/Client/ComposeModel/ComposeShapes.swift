/// The canonical form of a project: which fields each part has, in the order docker compose prints them, and of what
/// kind. In the notation that `Shapes` reads: `field kind`, where `*x` is a part that may be absent, `=x` one that always
/// is, `[x]` a list of parts, `{x}` a mapping to parts, `{*x}` one to parts that may be null; `kind?` keeps zero, `kind!`
/// prints it, `kind^` prints null in JSON.
enum ComposeShapes {
  static let text = """
    service
      profiles list, annotations mapping, attach bool?, build *build, develop *develop, blkio_config *blkio,
      cap_add list, cap_drop list, cgroup_parent string, cgroup string, cpu_count int, cpu_percent float,
      cpu_period int, cpu_quota int, cpu_rt_period int, cpu_rt_runtime int, cpus float, cpuset string,
      cpu_shares int, command command^, configs [filemount], container_name string,
      credential_spec *credentials, depends_on {dependency}, deploy *deploy, device_cgroup_rules list,
      devices [device], dns strings, dns_opt list, dns_search strings, dockerfile string, domainname string,
      entrypoint command^, provider *provider, environment variables, env_file envfiles, expose numbers,
      extends *extends, external_links list, extra_hosts hosts, group_add list, gpus [devicerequest],
      hostname string, healthcheck *healthcheck, image string, init bool?, ipc string, isolation string,
      labels labels, label_file list, links list, logging *logging, log_driver string, log_opt options,
      mem_limit bytes, mem_reservation bytes, memswap_limit bytes, mem_swappiness bytes, mac_address string,
      models {*servicemodel}, net string, network_mode string, networks {*servicenetwork},
      oom_kill_disable bool, oom_score_adj int, pid string, pids_limit int, platform string, ports [port],
      privileged bool, pull_policy string, read_only bool, restart string, runtime string, scale int?,
      secrets [filemount], security_opt list, shm_size bytes, stdin_open bool, stop_grace_period duration?,
      stop_signal string, storage_opt options, sysctls mapping, tmpfs strings, tty bool, ulimits ulimits,
      use_api_socket bool, user string, userns_mode string, uts string, volume_driver string,
      volumes [mount], volumes_from list, working_dir string, post_start [hook], pre_stop [hook]
    build
      context string, dockerfile string, dockerfile_inline string, entitlements list, args variables,
      provenance string, sbom string, ssh ssh, labels labels, cache_from strings, cache_to strings,
      no_cache bool, additional_contexts mapping, pull bool, extra_hosts hosts, isolation string,
      network string, target string, secrets [filemount], shm_size bytes, tags strings, ulimits ulimits,
      platforms strings, privileged bool
    develop
      watch [trigger]
    trigger
      path string!, action string!, target string, exec =hook, include list, ignore list, initial_sync bool
    hook
      command command^, user string, privileged bool, working_dir string, environment variables
    blkio
      weight int, weight_device [weightdevice], device_read_bps [throttle], device_read_iops [throttle],
      device_write_bps [throttle], device_write_iops [throttle]
    weightdevice
      path string!, weight int!
    throttle
      path string!, rate bytes!
    filemount
      source string, target string, uid string, gid string, mode filemode?
    credentials
      config string, file string, registry string
    dependency
      condition string, restart bool, required bool!
    deploy
      mode string, replicas int?, labels labels, update_config *updateconfig, rollback_config *updateconfig,
      resources =resources, restart_policy *restartpolicy, placement =placement, endpoint_mode string
    updateconfig
      parallelism int?, delay duration, failure_action string, monitor duration, max_failure_ratio float,
      order string
    resources
      limits *resource, reservations *resource
    resource
      cpus float, memory bytes, pids int, devices [devicerequest], generic_resources [genericresource]
    genericresource
      discrete_resource_spec *discreteresource
    discreteresource
      kind string!, value int!
    devicerequest
      capabilities list, driver string, count devicecount, device_ids list, options mapping
    restartpolicy
      condition string, delay duration?, max_attempts int?, window duration?
    placement
      constraints list, preferences [preference], max_replicas_per_node int
    preference
      spread string
    device
      source string, target string, permissions string
    provider
      type string, options multioptions
    extends
      file string, service string
    healthcheck
      test healthtest, timeout duration?, interval duration?, retries int?, start_period duration?,
      start_interval duration?, disable bool
    logging
      driver string, options options
    servicemodel
      endpoint_var string, model_var string
    servicenetwork
      aliases list, driver_opts options, gw_priority int, interface_name string, ipv4_address string,
      ipv6_address string, link_local_ips list, mac_address string, priority int
    port
      name string, mode string, host_ip string, target int, published string, protocol string,
      app_protocol string
    mount
      type string, source string, target string, read_only bool, consistency string, bind *bind,
      volume *volumeoptions, tmpfs *tmpfs, image *imageoptions
    bind
      selinux string, propagation string, create_host_path bool, recursive string
    volumeoptions
      labels mapping, nocopy bool, subpath string
    tmpfs
      size bytes, mode int
    imageoptions
      subpath string
    network
      name string, driver string, driver_opts options, ipam =ipam, external bool, internal bool,
      attachable bool, labels labels, enable_ipv4 bool?, enable_ipv6 bool?
    ipam
      driver string, config [pool]
    pool
      subnet string, gateway string, ip_range string, aux_addresses mapping
    volume
      name string, driver string, driver_opts options, external bool, labels labels
    file
      name string, file string, environment string, content string, external bool, labels labels,
      driver string, driver_opts options, template_driver string
    model
      name string, model string, context_size int, runtime_flags list
    """
}
