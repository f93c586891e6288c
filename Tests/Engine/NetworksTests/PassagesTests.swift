import Testing

@testable import Networks

struct PassagesTests {
  private let chains = """
    table ip filter {
    	chain INPUT {
    		type filter hook input priority filter; policy drop;
    	}
    	chain FORWARD {
    		type filter hook forward priority filter; policy drop;
    	}
    }
    table inet firewall {
    	chain forward {
    		type filter hook forward priority filter + 10; policy accept;
    	}
    	chain strict {
    		type filter hook forward priority filter; policy drop;
    	}
    }
    table ip6 filter {
    	chain FORWARD {
    		type filter hook forward priority filter; policy drop;
    	}
    }
    table ip skiff {
    	chain forward {
    		type filter hook forward priority filter; policy drop;
    	}
    }
    """

  @Test func `chains of others that drop what is forwarded are found`() {
    #expect(
      Passages.strictChains(in: chains, besides: "skiff", .ipv4) == [
        .init(family: "ip", table: "filter", name: "FORWARD"),
        .init(family: "inet", table: "firewall", name: "strict"),
      ])
    #expect(
      Passages.strictChains(in: chains, besides: "skiff", .ipv6) == [
        .init(family: "ip6", table: "filter", name: "FORWARD")
      ])
  }

  @Test func `a table is found by its whole name, in its own family`() {
    #expect(Passages.has("skiff", .ipv4, in: chains) && !Passages.has("skiff", .ipv6, in: chains))
    #expect(!Passages.has("ski", .ipv4, in: chains) && !Passages.has("FORWARD", .ipv4, in: chains))
    #expect(Passages.has("filter", .ipv6, in: chains) && !Passages.has("firewall", .ipv4, in: chains))
  }

  @Test func `only what is missing is put in, and only what is ours and too much is taken out`() {
    let chain = Passages.Chain(family: "ip", table: "filter", name: "FORWARD")
    let listing = """
      table ip filter {
      	chain FORWARD { # handle 1
      		type filter hook forward priority filter; policy drop;
      		iifname "br-1" accept comment "skiff" # handle 4
      		iifname "br-2" accept comment "skiff" # handle 5
      		iifname "br-2" accept comment "skiff_other" # handle 6
      		iifname "br-2" accept # handle 7
      	}
      }
      """
    #expect(
      Passages.changes(of: chain, listing, bridges: ["br-1"], mark: "skiff") == """
        delete rule ip filter FORWARD handle 5
        insert rule ip filter FORWARD oifname "br-1" accept comment "skiff"

        """)
    #expect(Passages.changes(of: chain, "", bridges: [], mark: "skiff") == "")
  }
}
