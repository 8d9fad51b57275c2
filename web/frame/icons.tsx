/** The page's few icons, 16 px, in the colour of the text around them. */
import type { JSX } from 'solid-js'

function Icon(props: { d: string; size?: number; box?: number }): JSX.Element {
  const box = () => props.box ?? 16
  return (
    <svg viewBox={`0 0 ${box()} ${box()}`} width={props.size ?? 16} height={props.size ?? 16} aria-hidden="true">
      <path d={props.d} />
    </svg>
  )
}

export const BrandIcon = () => (
  <Icon box={20} size={18} d="M3 4v12M17 4v12M3 7c3 0 4 2 7 2s4-2 7-2M3 12c3 0 4 2 7 2s4-2 7-2" />
)
export const SidebarIcon = () => (
  <Icon d="M3.5 2.5h9a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1h-9a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1zM6.5 2.5v11" />
)
export const MenuIcon = () => <Icon d="M3 8h.01M8 8h.01M13 8h.01" />
export const CloseIcon = () => <Icon d="M4 4l8 8M12 4l-8 8" />
export const ChevronIcon = () => <Icon size={10} d="M5.5 3l5 5-5 5" />
export const SearchIcon = () => <Icon d="M7 2.5a4.5 4.5 0 1 1 0 9a4.5 4.5 0 0 1 0-9M10.4 10.4L13.5 13.5" />
export const UpIcon = () => <Icon size={14} d="M8 13V3M3.5 7.5L8 3l4.5 4.5" />
export const DownIcon = () => <Icon size={14} d="M8 3v10M3.5 8.5L8 13l4.5-4.5" />
export const CopyIcon = () => <Icon size={14} d="M6 5.5h7v8H6zM10 5.5v-3H3v8h3" />
export const LinkIcon = () => (
  <Icon size={14} d="M7 4.5l1.5-1.5a3 3 0 0 1 4.5 4.5l-2 2M9 11.5l-1.5 1.5a3 3 0 0 1-4.5-4.5l2-2M6 10l4-4" />
)
export const OpenIcon = () => <Icon size={14} d="M3 4h10M3 8h10M3 12h6" />
