export interface AfiSafi {
  readonly afi: number;
  readonly safi: number;
}
export type Capability =
  | { readonly type: 'multiprotocol'; readonly afi: number; readonly safi: number }
  | { readonly type: 'route-refresh' }
  | {
      readonly type: 'extended-next-hop';
      readonly entries: readonly {
        readonly afi: number;
        readonly safi: number;
        readonly nextHopAfi: number;
      }[];
    }
  | { readonly type: 'extended-message' }
  | { readonly type: 'role'; readonly role: number }
  | {
      readonly type: 'graceful-restart';
      readonly restarting: boolean;
      readonly notification: boolean;
      readonly restartTime: number;
      readonly families: readonly {
        readonly afi: number;
        readonly safi: number;
        readonly forwarding: boolean;
      }[];
    }
  | { readonly type: 'as4'; readonly asn: number }
  | {
      readonly type: 'add-path';
      readonly families: readonly {
        readonly afi: number;
        readonly safi: number;
        readonly mode: number;
      }[];
    }
  | { readonly type: 'enhanced-route-refresh' }
  | { readonly type: 'long-lived-graceful-restart' }
  | { readonly type: 'fqdn'; readonly hostName: string; readonly domainName: string }
  | { readonly type: 'software-version'; readonly version: string }
  | { readonly type: 'unknown'; readonly code: number; readonly value: Uint8Array };
export interface OpenMessage {
  readonly version: number;
  readonly asn: number;
  readonly holdTime: number;
  readonly bgpId: number;
  readonly capabilities: readonly Capability[];
}
